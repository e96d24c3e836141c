// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// assembler is how a compile assembles.
type assembler int

const (
	// noAssembler is for a compile that stops before.
	noAssembler assembler = iota
	// gnuAssembler lists the files that it reads, with --MD.
	gnuAssembler
	// otherAssembler does not, such as the one in clang. Its input is searched for directives.
	otherAssembler
)

// assembler asks the compiler what it is. Only GCC's own copyright notice says that GNU's assembler follows: the name of a compiler, and what a
// toolchain's configuration calls it, may be anything.
func (c *Command) assembler(o *options) assembler {
	if !o.assembles {
		return noAssembler
	}
	cmd := c.command([]string{"--version"})
	if text, err := cmd.Output(); err == nil && bytes.Contains(text, []byte("Free Software Foundation")) {
		return gnuAssembler
	}
	// If it does not run at all, the compile says why.
	return otherAssembler
}

// withoutTemporaries removes the compiler's temporary files, which it has deleted by now.
func withoutTemporaries(files []string) []string {
	return slices.DeleteFunc(files, func(f string) bool {
		_, err := os.Stat(f)
		return path.IsAbs(f) && errors.Is(err, fs.ErrNotExist)
	})
}

// scan returns the files that an assembler without a list reads: it searches the assembler's input, and the files that this includes, for `.include`
// and `.incbin`. preprocessed are the files that the preprocessor read.
func (c *Command) scan(o *options, preprocessed []string) ([]string, error) {
	sources := preprocessed
	if !o.preprocesses {
		sources = []string{o.source}
	}
	// Assemblers ignore case.
	search := wordSearch{words: [][]byte{[]byte(".include"), []byte(".incbin")}, lower: true}
	found, err := search.inAny(sources)
	if err != nil || !found {
		return nil, err
	}
	text, err := c.assembly(o)
	if err != nil {
		return nil, err
	}
	read := []string{}
	for queue := directives(o.source, text); len(queue) > 0; queue = queue[1:] {
		d := queue[0]
		if d.name == ".file" {
			continue
		}
		if d.file == "" {
			return nil, errcode.AssemblerMacro.Errorf("%s: the operand of %s is made by a macro, and this compiler's assembler does not list the files that it reads; "+
				"write the name as a string, or use a compiler with GNU's assembler", d.at, d.name)
		}
		files := d.resolve(o.includes)
		if len(files) == 0 {
			return nil, errcode.AssemblerFile.Errorf("%s: %s %q is in no directory of -I; give its path relative to the execution root", d.at, d.name, d.file)
		}
		for _, f := range files {
			if slices.Contains(read, f) {
				continue
			}
			read = append(read, f)
			if d.name == ".include" {
				text, err := os.ReadFile(f)
				if err != nil {
					return nil, err
				}
				queue = append(queue, directives(f, string(text))...)
			}
		}
	}
	return read, nil
}

// resolve returns the files that a directive may read: in the working directory or the directories given.
func (d directive) resolve(includes []string) []string {
	var files []string
	for _, dir := range append([]string{""}, includes...) {
		f := filepath.Join(dir, d.file)
		if filepath.IsAbs(d.file) {
			f = d.file
		}
		if info, err := os.Stat(f); err == nil && !info.IsDir() && !slices.Contains(files, f) {
			files = append(files, f)
		}
	}
	return files
}

// assembly returns the text that the assembler gets.
func (c *Command) assembly(o *options) (string, error) {
	if !o.preprocesses {
		text, err := os.ReadFile(o.source)
		return string(text), err
	}
	out := c.Unused + ".s"
	defer os.Remove(out)
	args := slices.Clone(c.Args[1:])
	for i, a := range args {
		if a == "-o" && i+1 < len(args) {
			args[i+1] = out
		}
	}
	// An assembly source is only preprocessed. For C, without its own assembler clang leaves inline assembly as it is.
	stop := []string{"-S", "-fno-integrated-as"}
	if path.Ext(o.source) == ".S" {
		stop = []string{"-E"}
	}
	cmd := c.command(append(stop, args...))
	cmd.Stdout, cmd.Stderr = io.Discard, c.Stderr
	if err := cmd.Run(); err != nil {
		return "", errcode.CompilerFailed.Errorf("%s %s, to see what the assembler reads: %w", c.Args[0], stop[0], err)
	}
	text, err := os.ReadFile(out)
	return string(text), err
}
