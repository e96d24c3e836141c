// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var lldSuite = suite{
	name:     "lld",
	replaces: []string{"ld.lld"},
	find: func(dir string) ([]testCase, error) {
		link := regexp.MustCompile(`\bld\.lld\b.* (-r|--relocatable|-relocatable)( |$)`)
		return findLit(dir, func(lines []string) bool { return slices.ContainsFunc(lines, link.MatchString) })
	},
}

var objcopySuite = suite{
	name:     "llvm-objcopy",
	replaces: []string{"llvm-objcopy"},
	find: func(dir string) ([]testCase, error) {
		// The tests with an option that hyplink objcopy takes; what else they use decides the rest.
		rename := regexp.MustCompile(`\bllvm-objcopy\b.* -{1,2}(prefix-symbols|prefix-alloc-sections|redefine-syms?|rename-section|` +
			`remove-section|R|localize-symbols?|L|localize-hidden|globalize-symbols?|weaken-symbols?|W|keep-global-symbols?|G|` +
			`strip-debug|g|strip-unneeded|wildcard|w)[ =]`)
		return findLit(dir, func(lines []string) bool { return slices.ContainsFunc(lines, rename.MatchString) })
	},
}

// findLit lists the tests of a directory of LLVM's lit format whose RUN lines are wanted.
func findLit(dir string, wanted func(lines []string) bool) ([]testCase, error) {
	var cases []testCase
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "Inputs" {
			return fs.SkipDir
		}
		if d.IsDir() || !slices.Contains([]string{".s", ".test", ".ll", ".yaml"}, filepath.Ext(path)) {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		t := parseLit(string(text))
		if !wanted(t.run) {
			return nil
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		cases = append(cases, testCase{name, func(e *environment, work string) outcome { return t.execute(e, path, work) }})
		return nil
	})
	return cases, err
}

// litTest is a test of LLVM's integrated tester (llvm.org/docs/CommandGuide/lit.html,
// llvm.org/docs/TestingGuide.html).
type litTest struct {
	run      []string // the commands, continuations joined
	requires []string
	defines  bool // uses DEFINE or REDEFINE
}

var (
	runLine     = regexp.MustCompile(`\bRUN:(.*)`)
	requireLine = regexp.MustCompile(`\bREQUIRES:(.*)`)
	defineLine  = regexp.MustCompile(`\b(DEFINE|REDEFINE):`)
)

func parseLit(text string) litTest {
	var t litTest
	pending := ""
	for _, line := range strings.Split(text, "\n") {
		if m := runLine.FindStringSubmatch(line); m != nil {
			part := strings.TrimSpace(m[1])
			if rest, more := strings.CutSuffix(part, `\`); more {
				pending += rest
				continue
			}
			t.run = append(t.run, pending+part)
			pending = ""
		} else if m := requireLine.FindStringSubmatch(line); m != nil {
			t.requires = append(t.requires, strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == ' ' })...)
		} else if defineLine.MatchString(line) {
			t.defines = true
		}
	}
	return t
}

// offered are the words of REQUIRES that hold here. A word that is not in the list is
// a machine that hyplink does not support, or a property of the host.
var offered = []string{"x86", "x86-registered-target", "aarch64", "riscv", "zlib", "zstd", "shell", "x86_64-linux", "system-linux", "&&"}

// execute runs the commands of a test as one script of a shell.
func (t litTest) execute(e *environment, path, dir string) outcome {
	for _, word := range t.requires {
		if !slices.Contains(offered, word) {
			return outcome{status: notApplicable, detail: "requires " + word}
		}
	}
	if t.defines {
		return outcome{status: notApplicable, detail: "defines substitutions"}
	}
	temp := filepath.Join(dir, "t.tmp")
	substitute := strings.NewReplacer(
		"%%", "%",
		"%/s", path, "%/S", filepath.Dir(path), "%/p", filepath.Dir(path), "%/t", temp,
		"%basename_t", "t.tmp",
		"%s", path, "%S", filepath.Dir(path), "%p", filepath.Dir(path), "%t", temp, "%T", dir,
		"%python", "python3",
	)
	script := "set -e -o pipefail\n"
	for _, line := range t.run {
		script += substitute.Replace(line) + "\n"
	}
	log, ok, err := e.runProgram(dir, nil, "bash", "-xc", script)
	if err != nil {
		return outcome{fails, err.Error(), log}
	}
	calls, err := readCalls(filepath.Join(dir, "calls.json"))
	if err != nil {
		return outcome{fails, err.Error(), log}
	}
	return settle(ok, "another result: "+lastCommand(log), log, calls)
}

// lastCommand is the last command that a shell traced.
func lastCommand(log string) string {
	last := ""
	for _, line := range strings.Split(log, "\n") {
		if rest, ok := strings.CutPrefix(line, "+ "); ok {
			last = rest
		}
	}
	words := strings.Fields(last)
	for i, w := range words {
		words[i] = filepath.Base(w) // no path of the machine reaches a report
	}
	return strings.Join(words, " ")
}
