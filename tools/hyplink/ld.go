// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/cmdline"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/inputs"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
	"github.com/rules-hyp/rules_hyp/internal/link"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// target is what the objects of a link must be for.
type target struct {
	option  string // that says so; empty: nothing does
	machine *machine.Machine
	big     bool
}

// ldCommand is a command line of ld.
type ldCommand struct {
	out                   string
	scripts, directories  []string // -T, -L
	relocatable, help     bool
	version, versionFirst bool // --version, -v
	target                target
	endian                target
	orphans               link.OrphanMode
	merge                 link.MergeMode // which no other linker has an option for
	whole                 bool
	noExecStack           bool // -z noexecstack
	fatalWarnings         bool
	buildID               *link.BuildID
	groups                int  // --start-group so far
	inGroup               bool // and none has ended it
	inputs                []inputs.Input
}

// options are the options of ld that hyplink ld takes.
func (l *ldCommand) options() []gnuOption {
	flag := func(to *bool, v bool) func(string) error { return func(string) error { *to = v; return nil } }
	// The values of text and list name files.
	text := func(to *string) func(string) error {
		return func(s string) error {
			if *to = s; s == "" {
				return &usageError{cmdline.EmptyName()}
			}
			return nil
		}
	}
	endian := func(option string, big bool) func(string) error {
		return func(string) error { l.endian = target{option: option, big: big}; return nil }
	}
	list := func(to *[]string) func(string) error {
		return func(s string) error {
			if *to = append(*to, s); s == "" {
				return &usageError{cmdline.EmptyName()}
			}
			return nil
		}
	}
	none := func(string) error { return nil }
	return []gnuOption{
		{[]string{"-r", "--relocatable"}, noValue, flag(&l.relocatable, true)},
		{[]string{"-o", "--output"}, hasValue, text(&l.out)},
		{[]string{"-T", "--script"}, hasValue, list(&l.scripts)},
		{[]string{"-L", "--library-path"}, hasValue, list(&l.directories)},
		{[]string{"-m"}, hasValue, l.setEmulation},
		{[]string{"-EL"}, noValue, endian("-EL", false)},
		{[]string{"-EB"}, noValue, endian("-EB", true)},
		{[]string{"-z"}, hasValue, l.setKeyword},
		{[]string{"--no-warn-rwx-segments"}, noValue, none},
		{[]string{"--fatal-warnings"}, noValue, flag(&l.fatalWarnings, true)},
		{[]string{"--no-fatal-warnings"}, noValue, flag(&l.fatalWarnings, false)},
		{[]string{"--whole-archive"}, noValue, flag(&l.whole, true)},
		{[]string{"--no-whole-archive"}, noValue, flag(&l.whole, false)},
		{[]string{"--start-group", "-("}, noValue, l.startGroup},
		{[]string{"--end-group", "-)"}, noValue, l.endGroup},
		{[]string{"--build-id"}, optionalValue, l.setBuildID},
		{[]string{"--orphan-handling"}, hasValue, l.setOrphans},
		{[]string{"--merge-strings"}, hasValue, l.setMerge},
		{[]string{"-v"}, noValue, flag(&l.versionFirst, true)},
		{[]string{"--version"}, noValue, flag(&l.version, true)},
		{[]string{"--help"}, noValue, flag(&l.help, true)},
	}
}

func (l *ldCommand) setEmulation(name string) error {
	m, big := machine.ForEmulation(name)
	if m == nil {
		return usagef(errcode.OptionValue, "-m %s: no such emulation; supported are %s", name, strings.Join(machine.Emulations(), ", "))
	}
	l.target = target{option: "-m " + name, machine: m, big: big}
	return nil
}

func (l *ldCommand) setOrphans(mode string) error {
	m, ok := orphanModes[mode]
	if !ok {
		return usagef(errcode.OptionValue, "--orphan-handling=%s is not taken; want place, warn or error, or use GNU ld", mode)
	}
	l.orphans = m
	return nil
}

func (l *ldCommand) setBuildID(style string) (err error) {
	l.buildID, err = parseBuildID(style)
	return err
}

func (l *ldCommand) startGroup(string) error {
	if l.inGroup {
		return usagef(errcode.OptionsDisagree, "--start-group inside of a group; groups do not nest: give --end-group first")
	}
	l.groups++
	l.inGroup = true
	return nil
}

func (l *ldCommand) endGroup(string) error {
	if !l.inGroup {
		return usagef(errcode.OptionsDisagree, "--end-group ends no group; give --start-group before")
	}
	l.inGroup = false
	return nil
}

// addInput adds an operand.
func (l *ldCommand) addInput(path string) error {
	in := inputs.Input{Path: path, Whole: l.whole}
	if l.inGroup {
		in.Group = l.groups
	}
	l.inputs = append(l.inputs, in)
	return nil
}

func (l *ldCommand) setMerge(mode string) error {
	m, ok := mergeModes[mode]
	if !ok {
		return usagef(errcode.OptionValue, "--merge-strings=%s: want none, in-order, lld14, lld15 or lld17", mode)
	}
	l.merge = m
	return nil
}

func (l *ldCommand) setKeyword(word string) error {
	switch word {
	case "noexecstack":
		l.noExecStack = true
	case "norelro": // a partial link has no segments yet
	default:
		return usagef(errcode.OptionValue, "-z %s is not taken; use GNU ld for it (taken are: noexecstack, norelro)", word)
	}
	return nil
}

// runLd does what ld -r does, as far as kbuild needs it.
func runLd(c *context) error {
	l := &ldCommand{}
	err := parseGNU(c.args, l.options(), l.addInput, refuseLd)
	if err != nil {
		return err
	}
	if l.help {
		c.help("taken are: " + takenByLd)
		return nil
	}
	if l.version || l.versionFirst {
		c.stdout.Line(gnuVersion("GNU ld"))
	}
	switch {
	case l.version, l.versionFirst && len(l.inputs) == 0:
		return nil
	case !l.relocatable:
		return usagef(errcode.OptionsDisagree, "a full link is not supported, only a partial one; give -r, or use GNU ld")
	case l.out == "":
		return usagef(errcode.NoOutput, "no output; give -o FILE")
	case len(l.inputs) == 0:
		return usagef(errcode.Operands, "no input objects")
	case l.inGroup:
		return usagef(errcode.OptionsDisagree, "--start-group without --end-group")
	}
	return l.link(c)
}

func refuseLd(option string) error {
	return usagef(errcode.UnknownOption, "option %s is not taken; use GNU ld for it (taken are: %s)", option, takenByLd)
}

const takenByLd = "-r --relocatable, -o --output, -T --script, -L --library-path (for scripts), -m, -EL, -EB, -z noexecstack, -z norelro, --no-warn-rwx-segments, " +
	"--fatal-warnings, --no-fatal-warnings, " +
	"--whole-archive, --no-whole-archive, --start-group -(, --end-group -), --build-id, --orphan-handling, --merge-strings (hyplink's own), -v, --version"

// link links the inputs. The symbols have GNU ld's order. As ld -r does, it keeps section groups; by a script it
// flattens them, because a group's members have no place among the script's
// sections (docs/divergences.md).
func (l *ldCommand) link(c *context) error {
	opts := link.Options{
		Name:          l.out,
		Orphans:       l.orphans,
		OrphansOnly:   true, // a module may have nothing that module.lds names
		Groups:        link.GroupKeep,
		JoinFollowers: true,
		Symbols:       link.OrderGNU,
		StackNote:     l.noExecStack,
		BuildID:       l.buildID,
		Merge:         l.merge,
		FatalWarnings: l.fatalWarnings,
		Warn:          c.stderr.Line,
	}
	for _, t := range []target{l.target, l.endian} {
		if t.option != "" {
			opts.Targets = append(opts.Targets, link.Target{Option: t.option, Machine: t.machine, BigEndian: t.big})
		}
	}
	if len(l.scripts) > 0 {
		s, err := l.readScripts()
		if err != nil {
			return err
		}
		if opts.Script = s; s != nil {
			opts.Groups = link.GroupFlatten
		}
	}
	in, err := inputs.Read(l.inputs)
	if err != nil {
		return err
	}
	o, err := linkInputs(in, opts)
	if err != nil {
		return err
	}
	in.ReleaseSymbols()
	return o.WriteFile(l.out)
}

// readScripts reads the scripts, which like the files that they include may be in
// the directories of -L.
func (l *ldCommand) readScripts() (*ldscript.Script, error) {
	find := func(name string) (string, error) { return findIn(l.directories, name) }
	var paths []string
	for _, name := range l.scripts {
		path, err := find(name)
		if err != nil {
			path = name // whose error names it
		}
		paths = append(paths, path)
	}
	return readScripts(paths, find)
}
