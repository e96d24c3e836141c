// SPDX-License-Identifier: Apache-2.0

// Package renametest holds the cases by which the rename stage is tested: what
// it makes of an object, and what the two objcopies make of the same one.
//
// A file of cases reads
//
//	== mixed.txt --symbol-prefix=p_ --keep-mapping-symbols
//	# why the case is there
//	gnu: differs llvm: differs
//	- symbol gfun GLOBAL FUNC .text+0x0 size=16
//	+ symbol p_gfun GLOBAL FUNC .text+0x0 size=16
//
// The first line names the object, in the notation of elftext, and the options
// of hyplink prefix; below stand the facts that the object loses and gains, or
// the error. A verdict about an objcopy given the same options is
//
//	same     it makes the same object
//	differs  it makes another one
//	accepts  it makes one where hyplink reports an error
//	refuses  it reports an error
//	none     it has no such option
package renametest

import (
	"debug/elf"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/rename"
)

// Case is one of a file of cases.
type Case struct {
	Input   string   // file of the object, in the directory of the cases
	Args    []string // options of hyplink prefix
	Comment string   // lines, with their line ends
	// GNU and LLVM are verdicts about the two objcopies.
	GNU, LLVM string
	Want      string // lines, with their line ends
}

// Title is the case's first line.
func (c *Case) Title() string {
	return strings.TrimSpace(c.Input + " " + strings.Join(c.Args, " "))
}

// Read reads a file of cases.
func Read(path string) ([]*Case, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var cases []*Case
	for i, line := range slices.Collect(strings.Lines(string(text))) {
		if title, ok := strings.CutPrefix(line, "== "); ok {
			words := strings.Fields(title)
			cases = append(cases, &Case{Input: words[0], Args: words[1:]})
			continue
		}
		if len(cases) == 0 {
			return nil, fmt.Errorf("%s:%d: want a line that starts with ==", path, i+1)
		}
		c := cases[len(cases)-1]
		switch {
		case strings.TrimSpace(line) == "":
		case strings.HasPrefix(line, "#"):
			c.Comment += line
		case strings.HasPrefix(line, "gnu:"):
			if _, err := fmt.Sscanf(line, "gnu: %s llvm: %s", &c.GNU, &c.LLVM); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
			}
		default:
			c.Want += line
		}
	}
	return cases, nil
}

// Format writes cases as Read reads them.
func Format(cases []*Case) string {
	var b strings.Builder
	for i, c := range cases {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "== %s\n%sgnu: %s llvm: %s\n%s", c.Title(), c.Comment, c.GNU, c.LLVM, c.Want)
	}
	return b.String()
}

// Object makes the case's object. Each call makes another one.
func (c *Case) Object(dir string) (*elfobj.Object, error) {
	text, err := os.ReadFile(filepath.Join(dir, c.Input))
	if err != nil {
		return nil, err
	}
	o, err := elftext.Parse(c.Input, string(text))
	if err != nil {
		return nil, err
	}
	// Assemblers mark objects that need GNU extensions, and readelf goes by it.
	for i := range o.Symbols {
		if o.Symbols[i].Binding() == elfobj.STBGNUUnique {
			o.OSABI = uint8(elf.ELFOSABI_LINUX)
		}
	}
	return ThroughBytes(o)
}

// Apply does to an object what the options say.
func Apply(o *elfobj.Object, args []string) error {
	fs := flag.NewFlagSet("prefix", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	f := rename.AddFlags(fs)
	if err := fs.Parse(args); err != nil {
		return err
	}
	opts, err := f.Options()
	if err != nil {
		return err
	}
	return rename.Apply(o, opts)
}

// Run returns what the options make of the object, in the form of Want.
func (c *Case) Run(dir string) (string, error) {
	o, err := c.Object(dir)
	if err != nil {
		return "", err
	}
	before := Facts(o)
	err = Apply(o, c.Args)
	if err == nil {
		o, err = ThroughBytes(o)
	}
	if err != nil {
		return "error: " + strings.ReplaceAll(err.Error(), "\n", "\nerror: ") + "\n", nil
	}
	return diff(before, Facts(o)), nil
}

// Facts describes an object, a line for each fact.
func Facts(o *elfobj.Object) []string {
	var facts []string
	section := ""
	for line := range strings.Lines(elftext.Format(o)) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "  "); ok {
			if strings.HasPrefix(rest, "+") {
				facts = append(facts, "relocation "+section+rest)
			} else {
				facts[len(facts)-1] += " " + rest
			}
			continue
		}
		if name, ok := strings.CutPrefix(line, "section "); ok {
			section, _, _ = strings.Cut(name, " ")
		}
		facts = append(facts, line)
	}
	return facts
}

// diff lists the facts that only one side has, each as often as it has it more.
func diff(before, after []string) string {
	var b strings.Builder
	only := func(sign string, these, those []string) {
		count := map[string]int{}
		for _, f := range those {
			count[f]++
		}
		for _, f := range these {
			if count[f]--; count[f] < 0 {
				b.WriteString(sign + " " + f + "\n")
			}
		}
	}
	only("-", before, after)
	only("+", after, before)
	return b.String()
}

// Encode writes an object to memory.
func Encode(o *elfobj.Object) ([]byte, error) { return o.Bytes() }

// ThroughBytes writes an object and reads it back.
func ThroughBytes(o *elfobj.Object) (*elfobj.Object, error) {
	b, err := Encode(o)
	if err != nil {
		return nil, err
	}
	return elfobj.Parse(o.Name, b)
}
