// SPDX-License-Identifier: Apache-2.0

package kbuild

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
)

// Compile is one source and its options.
type Compile struct {
	// Source is the source's path relative to the tree's root, as kbuild spells it: it may have "..".
	Source string
	// Object is the object's path, cleaned.
	Object string
	// Options are the compiler's options in order; paths of the tree start with TreeRoot.
	Options []Option
}

// Assembly tells whether the source is preprocessed assembly.
func (c Compile) Assembly() bool { return path.Ext(c.Source) == ".S" }

// Plan is what kbuild does in a directory.
type Plan struct {
	Dir     string
	Release string
	// Islands are the objects that are renamed one by one; then nothing is linked, and Compiles are theirs.
	Islands []Island
	// Compiles are in link order.
	Compiles []Compile
	// Script is the linker script's source and the preprocessor's options.
	Script Compile
	// HypRelocations tells whether gen-hyprel runs on the linked object.
	HypRelocations bool
	// SymbolPrefix is the prefix that objcopy adds to each symbol.
	SymbolPrefix string
	// OrphanHandling is the value of ld's --orphan-handling; empty without that option.
	OrphanHandling string
	// FatalWarnings tells whether ld's warnings are errors (CONFIG_WERROR of newer kernels).
	FatalWarnings bool
	// WithoutLTO tells whether kbuild's compiler writes intermediate code for link-time optimization, and Compiles machine code.
	WithoutLTO bool
	// MergeStrings is hyplink's value of --merge-strings for kbuild's linker; empty for GNU ld, which merges nothing in a partial link.
	MergeStrings string
	// Output is the directory's last object.
	Output string
}

// ObjectSuffix returns what the names of all objects have after their sources'
// names, such as ".nvhe.o"; it is empty if they have nothing in common, or none
// that a hyp_library takes.
func (p *Plan) ObjectSuffix() string {
	common := ""
	for _, compile := range p.Compiles {
		source := path.Base(compile.Source)
		suffix, ok := strings.CutPrefix(path.Base(compile.Object), strings.TrimSuffix(source, path.Ext(source)))
		if !ok || !objectSuffix.MatchString(suffix) || common != "" && suffix != common {
			return ""
		}
		common = suffix
	}
	return common
}

// objectSuffix is what rules/private/library.bzl accepts.
var objectSuffix = regexp.MustCompile(`^(\.[A-Za-z0-9_-]+)*\.o$`)

// Sources returns the paths of the sources and of the linker script's, cleaned and sorted.
func (p *Plan) Sources() []string {
	var names []string
	for _, compile := range p.Compiles {
		names = append(names, path.Clean(compile.Source))
	}
	if p.Script.Source != "" {
		names = append(names, path.Clean(p.Script.Source))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// collector sorts commands by their outputs.
type collector struct {
	compiles map[string]Compile
	scripts  map[string]Compile
	links    map[string]link
	copies   map[string]copyStep
	// lists maps the source that gen-hyprel writes to the object that it reads.
	lists map[string]string
	// copied are the outputs of objcopy, in order.
	copied []string
	// checked maps what relacheck works on to what that was made of.
	checked map[string]string
}

type link struct {
	script  string
	inputs  []string
	orphans string
	fatal   bool
	lld     bool
}

type copyStep struct {
	input  string
	rename Rename
}

// NewPlan returns what the commands of a transcript do.
func NewPlan(t *Transcript) (*Plan, error) {
	c := &collector{
		compiles: map[string]Compile{},
		scripts:  map[string]Compile{},
		links:    map[string]link{},
		copies:   map[string]copyStep{},
		lists:    map[string]string{},
		checked:  map[string]string{},
	}
	for _, command := range t.Commands {
		if err := c.add(command); err != nil {
			return nil, fmt.Errorf("%s: %w", t.Dir, err)
		}
	}
	plan, err := c.plan(t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Dir, err)
	}
	plan.Dir, plan.Release, plan.WithoutLTO = t.Dir, t.Release, t.LTO()
	return plan, nil
}

func (c *collector) add(command shell.Command) error {
	words := command.Words
	switch program := Program(words[0]); program {
	case "gcc", "clang":
		return c.addCompiler(words)
	case "ld", "ld.bfd", "ld.lld":
		return c.addLink(words)
	case "objcopy":
		return c.addCopy(words)
	case "relacheck":
		return c.addChecked(words)
	case "strip":
		if onlyStrips(words) {
			return nil
		}
		return errcode.CommandUnknown.Errorf("strip: got %s, and hypgen knows `strip --strip-debug -o OUT IN` only; -library-only skips it", shell.Quote(words))
	case "gen-hyprel":
		if len(words) != 2 || command.Output == "" {
			return errcode.CommandUnknown.Errorf("gen-hyprel: got %s, want one object and a redirection", shell.Quote(words))
		}
		c.lists[path.Clean(command.Output)] = path.Clean(words[1])
		return nil
	default:
		return errcode.CommandUnknown.Errorf("%s works on the directory's files, and hypgen does not know it: %s; -library-only skips it", program, shell.Quote(words))
	}
}

func (c *collector) addCompiler(words []string) error {
	parsed, err := parseCompiler(words)
	if err != nil {
		return err
	}
	compile := Compile{Source: parsed.source, Object: parsed.output, Options: parsed.options}
	switch {
	case parsed.mode == "-c":
		c.compiles[parsed.output] = compile
	case parsed.mode == "-E" && path.Ext(parsed.output) == ".lds":
		c.scripts[parsed.output] = compile
	case parsed.mode == "" && path.Ext(parsed.output) == "":
		// A host program, such as gen-hyprel. hyplink replaces it.
	default:
		return errcode.CommandUnknown.Errorf("%s: made by a compiler that neither compiles (-c) nor preprocesses a linker script (-E)", parsed.output)
	}
	return nil
}

// quietLinkOptions have no effect on a relocatable link of AArch64 objects, or
// are what hyplink does anyway: little-endian, no executable stack, no warnings
// about segments, which such an object does not have.
var quietLinkOptions = map[string]bool{
	"-EL": true, "-maarch64elf": true, "-maarch64linux": true, "--no-warn-rwx-segments": true, "-r": true,
	"-z noexecstack": true, "-z norelro": true,
}

func (c *collector) addLink(words []string) error {
	made := link{lld: Program(words[0]) == "ld.lld"}
	var output string
	relocatable := false
	for i := 1; i < len(words); i++ {
		word := words[i]
		argument := func() (string, error) {
			i++
			if i == len(words) {
				return "", errcode.CommandUnknown.Errorf("ld: %s without its argument", word)
			}
			return words[i], nil
		}
		var err error
		switch {
		case word == "-o":
			output, err = argument()
		case word == "-T":
			made.script, err = argument()
			made.script = path.Clean(made.script)
		case word == "-m":
			_, err = argument()
		case word == "-z":
			var value string
			if value, err = argument(); err == nil && !quietLinkOptions["-z "+value] {
				err = errcode.OptionUnknown.Errorf("ld: option -z %s: hypgen does not know its meaning for hyplink", value)
			}
		case strings.HasPrefix(word, "--orphan-handling="):
			made.orphans = strings.TrimPrefix(word, "--orphan-handling=")
		case word == "--fatal-warnings", word == "--no-fatal-warnings":
			made.fatal = word == "--fatal-warnings"
		case strings.HasPrefix(word, "--compress-debug-sections="):
			// The final link compresses; here the form means nothing.
		case word == "-EB" || word == "-maarch64elfb" || word == "-maarch64linuxb":
			err = errcode.NotArm64.Errorf("ld: option %s is for a big-endian kernel, which the rules do not build; set CONFIG_CPU_LITTLE_ENDIAN=y and prepare the tree again", word)
		case quietLinkOptions[word]:
			relocatable = relocatable || word == "-r"
		case word == "-mllvm", word == "-plugin", word == "--plugin":
			_, err = argument()
		case linksForLTO(word):
		case strings.HasPrefix(word, "-"):
			err = errcode.OptionUnknown.Errorf("ld: option %s: hypgen does not know its meaning for hyplink", word)
		default:
			made.inputs = append(made.inputs, path.Clean(word))
		}
		if err != nil {
			return err
		}
	}
	if !relocatable {
		return errcode.LinkIncomplete.Errorf("ld: %s is not a partial link: no -r", output)
	}
	c.links[path.Clean(output)] = made
	return nil
}

func (c *collector) addCopy(words []string) error {
	rename, input, output, err := parseCopy(words)
	if err != nil {
		return err
	}
	if _, ok := c.copies[output]; !ok {
		c.copied = append(c.copied, output)
	}
	c.copies[output] = copyStep{input: input, rename: rename}
	return nil
}

// plan goes from the prefixed object back to the sources.
func (c *collector) plan(t *Transcript) (*Plan, error) {
	plan := &Plan{}
	var err error
	if plan.Islands, err = c.islands(); err != nil {
		return nil, err
	}
	if len(plan.Islands) > 0 {
		for _, island := range plan.Islands {
			plan.Compiles = append(plan.Compiles, island.Compiles...)
		}
		return plan, nil
	}
	linked := ""
	for output, made := range c.copies {
		if plan.Output != "" {
			return nil, errcode.NoPrefixedObject.Errorf("objcopy makes %s and %s; hypgen knows directories with one prefixed object; -library-only skips this stage", plan.Output, output)
		}
		plan.Output, plan.SymbolPrefix, linked = output, made.rename.SymbolPrefix, made.input
		if made.rename != (Rename{SymbolPrefix: made.rename.SymbolPrefix}) {
			return nil, errcode.NoPrefixedObject.Errorf("objcopy makes %s by more than --prefix-symbols, and hypgen does not know that after a link; -library-only skips this stage", output)
		}
	}
	if plan.Output == "" {
		return nil, errcode.NoPrefixedObject.Errorf("no command prefixes an object (objcopy --prefix-symbols=…); -library-only writes a hyp_library only")
	}
	made, ok := c.links[linked]
	if ok && made.script == "" {
		// ld -r OBJECT LIST: the second link adds the list of relocations.
		plan.HypRelocations, linked = c.isRelocated(made)
		if !plan.HypRelocations {
			return nil, errcode.LinkIncomplete.Errorf("%s is linked from %s without a linker script or a list of gen-hyprel", plan.Output, strings.Join(made.inputs, ", "))
		}
		made, ok = c.links[linked]
	}
	if !ok {
		return nil, errcode.LinkIncomplete.Errorf("no partial link (ld -r -T …) makes %s", linked)
	}
	plan.OrphanHandling, plan.FatalWarnings = made.orphans, made.fatal
	if made.lld {
		plan.MergeStrings = lldOrder(t.LLD)
	}
	if plan.Script, ok = c.scripts[made.script]; !ok {
		return nil, errcode.LinkIncomplete.Errorf("no command makes the linker script %s", made.script)
	}
	for _, object := range made.inputs {
		compile, ok := c.compiles[object]
		if !ok {
			return nil, &UncompiledError{Object: object, linked: linked}
		}
		plan.Compiles = append(plan.Compiles, compile)
	}
	if len(plan.Compiles) == 0 {
		return nil, errcode.LinkIncomplete.Errorf("%s is linked from no object", linked)
	}
	return plan, nil
}

// lldOrder is the order in which a version of lld has merged strings (docs/linker.md).
func lldOrder(version int) string {
	switch {
	case version == 0:
		return "in-order"
	case version <= 14:
		return "lld14"
	case version <= 16:
		return "lld15"
	}
	return "lld17"
}

// isRelocated tells whether a link combines an object with the list that
// gen-hyprel made of it, and returns that object.
func (c *collector) isRelocated(made link) (bool, string) {
	if len(made.inputs) != 2 {
		return false, ""
	}
	list, ok := c.compiles[made.inputs[1]]
	if !ok || c.lists[path.Clean(list.Source)] != made.inputs[0] {
		return false, ""
	}
	return true, made.inputs[0]
}

// Libraries returns a plan with the compiles only, in kbuild's order.
func Libraries(t *Transcript) (*Plan, error) {
	plan := &Plan{Dir: t.Dir, Release: t.Release, WithoutLTO: t.LTO()}
	for _, command := range t.Commands {
		if program := Program(command.Words[0]); program != "gcc" && program != "clang" {
			continue
		}
		parsed, err := parseCompiler(command.Words)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Dir, err)
		}
		if parsed.mode == "-c" {
			plan.Compiles = append(plan.Compiles, Compile{Source: parsed.source, Object: parsed.output, Options: parsed.options})
		}
	}
	if len(plan.Compiles) == 0 {
		return nil, errcode.NothingCompiled.Errorf("%s: the dry run compiles nothing; is the option of this directory set in .config?", t.Dir)
	}
	return plan, nil
}
