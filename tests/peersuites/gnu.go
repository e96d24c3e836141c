// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var gnuSuite = suite{
	name:     "gnu",
	replaces: []string{"x86_64-linux-gnu-ld", "aarch64-linux-gnu-ld", "riscv64-linux-gnu-ld"},
	find:     findDumpTests,
}

// dumpTarget is a target of GNU binutils.
type dumpTarget struct{ name, triple, prefix string }

var dumpTargets = []dumpTarget{
	{"x86_64", "x86_64-pc-linux-gnu", "x86_64-linux-gnu-"},
	{"aarch64", "aarch64-unknown-linux-gnu", "aarch64-linux-gnu-"},
	{"riscv64", "riscv64-unknown-linux-gnu", "riscv64-linux-gnu-"},
}

// dumpDirs are the directories of binutils' ld/testsuite, with the machines that their
// tests are for; the other directories are for other machines and formats.
var dumpDirs = map[string][]string{
	"ld-aarch64":   {"aarch64"},
	"ld-discard":   {"x86_64", "aarch64", "riscv64"},
	"ld-elf":       {"x86_64", "aarch64", "riscv64"},
	"ld-elfcomm":   {"x86_64", "aarch64", "riscv64"},
	"ld-gc":        {"x86_64", "aarch64", "riscv64"},
	"ld-ifunc":     {"x86_64", "aarch64", "riscv64"},
	"ld-riscv-elf": {"riscv64"},
	"ld-scripts":   {"x86_64", "aarch64", "riscv64"},
	"ld-unique":    {"x86_64", "aarch64", "riscv64"},
	"ld-x86-64":    {"x86_64"},
}

// findDumpTests lists the .d files of partial links in binutils' ld/testsuite.
func findDumpTests(dir string) ([]testCase, error) {
	var cases []testCase
	for sub, machines := range dumpDirs {
		files, err := filepath.Glob(filepath.Join(dir, sub, "*.d"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			d := parseDump(string(text))
			if !slices.ContainsFunc(strings.Fields(d.option("ld")), isRelocatable) {
				continue
			}
			for _, t := range dumpTargets {
				if !slices.Contains(machines, t.name) || !d.wants(t.triple) {
					continue
				}
				name := strings.TrimSuffix(path.Join(sub, filepath.Base(file)), ".d")
				if len(machines) > 1 {
					name += " (" + t.name + ")"
				}
				cases = append(cases, testCase{name, func(e *environment, work string) outcome { return d.execute(e, t, file, work) }})
			}
		}
	}
	return cases, nil
}

// dumpTest is a test in the format of run_dump_test of binutils
// (binutils/testsuite/lib/binutils-common.exp has the description).
type dumpTest struct {
	options []dumpOption
	pattern []string
}

type dumpOption struct{ name, value string }

var dumpOptionLine = regexp.MustCompile(`^#[ \t]*([a-zA-Z0-9_]+):[ \t]*(.*)$`)

func parseDump(text string) dumpTest {
	var t dumpTest
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if m := dumpOptionLine.FindStringSubmatch(line); m != nil {
			t.options = append(t.options, dumpOption{m[1], strings.TrimSpace(m[2])})
			continue
		}
		if strings.HasPrefix(line, "#") && !isPatternCommand(line) {
			continue
		}
		t.pattern = lines[i:]
		break
	}
	return t
}

// option returns the first value of an option, or "".
func (t dumpTest) option(name string) string {
	if v := t.values(name); len(v) > 0 {
		return v[0]
	}
	return ""
}

func (t dumpTest) values(name string) []string {
	var values []string
	for _, o := range t.options {
		if o.name == name {
			values = append(values, o.value)
		}
	}
	return values
}

// wants says whether a test is for a target, and not one that GNU ld itself fails there.
func (t dumpTest) wants(triple string) bool {
	any := func(names ...string) bool {
		for _, name := range names {
			for _, list := range t.values(name) {
				if matchesTarget(list, triple) {
					return true
				}
			}
		}
		return false
	}
	for _, name := range []string{"target", "noskip"} {
		if len(t.values(name)) > 0 && !any(name) {
			return false
		}
	}
	return !any("notarget", "skip", "xfail")
}

// trueHere are the procedures of target lists that hold for ELF on Linux.
var trueHere = []string{
	"is_elf_format", "check_shared_lib_support", "check_gc_sections_available", "supports_gnu_osabi",
	"supports_noinit_section", "supports_persistent_section", "supports_dt_relr", "riscv_little_endian", "is_elf64",
}

// matchesTarget says whether a target is in a list of globs and [procedures].
func matchesTarget(list, triple string) bool {
	for _, word := range regexp.MustCompile(`\[[^]]*\]|\S+`).FindAllString(list, -1) {
		if proc, ok := strings.CutPrefix(word, "["); ok {
			if slices.Contains(trueHere, strings.TrimSuffix(proc, "]")) {
				return true
			}
			continue
		}
		if ok, err := path.Match(word, triple); err == nil && ok {
			return true
		}
	}
	return false
}

// execute assembles, links and dumps, and compares what the dump prints.
func (t dumpTest) execute(e *environment, target dumpTarget, file, dir string) outcome {
	var log strings.Builder
	step := func(argv ...string) (string, bool) {
		out, ok, err := e.runProgram(dir, nil, argv...)
		fmt.Fprintf(&log, "+ %s\n%s", strings.Join(argv, " "), out)
		if err != nil {
			fmt.Fprintln(&log, err)
		}
		return out, ok && err == nil
	}
	objects, err := t.assemble(target, file, step)
	if err != nil {
		return outcome{notApplicable, err.Error(), log.String()}
	}
	link := []string{target.prefix + "ld"}
	for _, word := range strings.Fields(t.option("ld")) {
		// GNU ld looks for scripts in the directories of -L too, which hyplink does not take.
		if local := filepath.Join(filepath.Dir(file), word); fileExists(local) {
			word = local
		}
		link = append(link, word)
	}
	link = append(append(link, "-o", "dump"), objects...)
	link = append(link, strings.Fields(t.option("ld_after_inputfiles"))...)
	said, ok := step(link...)
	calls, err := readCalls(filepath.Join(dir, "calls.json"))
	if err != nil {
		return outcome{fails, err.Error(), log.String()}
	}
	failure := ""
	if want := t.values("error"); len(want) > 0 || t.option("error_output") != "" {
		if ok {
			failure = "accepts what GNU ld refuses"
		}
		return settle(failure == "", failure, log.String(), refusals(calls))
	}
	if !ok {
		return settle(false, "", log.String(), calls)
	}
	failure = t.compare(target, file, said, step)
	return settle(failure == "", failure, log.String(), calls)
}

// refusals marks the calls that a test wants to fail as done.
func refusals(calls []call) []call {
	for i := range calls {
		if calls[i].Code == 1 {
			calls[i].Code = 0
		}
	}
	return calls
}

// assemble makes the objects of a test.
func (t dumpTest) assemble(target dumpTarget, file string, step func(...string) (string, bool)) ([]string, error) {
	for _, name := range []string{"PROG", "cc", "dlltool", "objcopy_objects"} {
		if t.option(name) != "" {
			return nil, fmt.Errorf("runs %s", name)
		}
	}
	sources := t.values("source")
	if len(sources) == 0 {
		sources = []string{strings.TrimSuffix(filepath.Base(file), ".d") + ".s"}
	}
	var objects []string
	for i, source := range sources {
		words := strings.Fields(source)
		object := fmt.Sprintf("dump%d.o", i)
		argv := append([]string{target.prefix + "as"}, strings.Fields(t.option("as"))...)
		argv = append(argv, words[1:]...)
		argv = append(argv, "-I"+filepath.Dir(file), "-o", object, filepath.Join(filepath.Dir(file), words[0]))
		if _, ok := step(argv...); !ok {
			return nil, fmt.Errorf("%s is not assembled", words[0])
		}
		objects = append(objects, object)
	}
	return objects, nil
}

// compare compares the warnings and the dump of a link with the patterns; it returns what is wrong.
func (t dumpTest) compare(target dumpTarget, file, said string, step func(...string) (string, bool)) string {
	if want := append(t.values("warning"), t.values("warning_output")...); len(want) > 0 && said == "" {
		return "does not warn"
	}
	if t.option("map") != "" {
		return "no map file"
	}
	if flags := t.option("objcopy_linked_file"); flags != "" {
		if _, ok := step(append(append([]string{target.prefix + "objcopy"}, strings.Fields(flags)...), "dump")...); !ok {
			return "objcopy fails on the result"
		}
	}
	pattern := t.pattern
	if other := t.option("dump"); other != "" {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(file), other))
		if err != nil {
			return err.Error()
		}
		pattern = parseDump(string(text)).pattern
	}
	for _, program := range []string{"objdump", "readelf", "nm"} {
		if len(t.values(program)) == 0 {
			continue
		}
		out, ok := step(append(append([]string{target.prefix + program}, strings.Fields(t.option(program))...), "dump")...)
		if !ok {
			return program + " fails on the result"
		}
		if err := matchDump(out, pattern); err != nil {
			return program + ": " + err.Error()
		}
	}
	return ""
}
