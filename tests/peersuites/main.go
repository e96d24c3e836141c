// SPDX-License-Identifier: Apache-2.0

// Command peersuites runs the tests that other linkers and objcopies have for their
// own partial links and renames, with hyplink in the place of their program.
//
// The suites are not part of this repository: the directory of one is given, and the
// programs that its tests use are taken from PATH. Run by hand:
//
//	bazel run //tests/peersuites -- -suite lld -tests DIR -tools DIR
//
// docs/peer-suites.md explains the suites and has the results.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"

	"golang.org/x/sync/errgroup"
)

// testCase is a test of a suite, ready to run.
type testCase struct {
	name string // unique in its suite
	// run runs the test in an empty directory of its own.
	run func(e *environment, dir string) outcome
}

// suite is a kind of test suite.
type suite struct {
	name string
	// replaces has the names of the programs that hyplink replaces.
	replaces []string
	// find lists the tests of a directory that have to do with what hyplink does.
	find func(dir string) ([]testCase, error)
}

var suites = []suite{lldSuite, objcopySuite, gnuSuite, moldSuite}

func main() {
	if name := os.Getenv(standInVariable); name != "" {
		standIn(name)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "peersuites:", err)
		os.Exit(1)
	}
}

func run() error {
	suiteName := flag.String("suite", "", "the suite: lld, llvm-objcopy, gnu or mold")
	tests := flag.String("tests", "", "the directory of its tests")
	tools := flag.String("tools", "", "directories of programs, before those of PATH, separated by colons")
	only := flag.String("only", "", "run the tests whose names contain this")
	hyplink := flag.String("hyplink", os.Getenv("HYPLINK"), "the program under test")
	jobs := flag.Int("jobs", runtime.NumCPU(), "tests at a time")
	verbose := flag.Bool("v", false, "print what each test that fails says")
	write := flag.String("write", "", "a document; replace the results of the suite in it")
	flag.Parse()

	var s *suite
	for i := range suites {
		if suites[i].name == *suiteName {
			s = &suites[i]
		}
	}
	if s == nil || *tests == "" || *hyplink == "" || flag.NArg() > 0 {
		return fmt.Errorf("want -suite lld|llvm-objcopy|gnu|mold and -tests DIR")
	}
	if *write != "" && *only != "" {
		return fmt.Errorf("-write wants the whole suite, without -only")
	}
	workspace := os.Getenv("BUILD_WORKING_DIRECTORY") // set by `bazel run`
	e, err := newEnvironment(s, absolute("", *hyplink), splitDirs(workspace, *tools))
	if err != nil {
		return err
	}
	defer os.RemoveAll(e.scratch)
	cases, err := s.find(absolute(workspace, *tests))
	if err != nil {
		return err
	}
	reasons, err := readReasons(s.name)
	if err != nil {
		return err
	}
	results := runAll(e, cases, absolute(workspace, *tests), *only, *jobs)
	if len(results) == 0 {
		return fmt.Errorf("%s: no test of the suite %s", *tests, s.name)
	}
	problems := judge(results, reasons, *only == "")
	printResults(os.Stdout, results, *verbose)
	if *write != "" {
		if err := writeResults(absolute(workspace, *write), s.name, results); err != nil {
			return err
		}
	}
	if problems > 0 {
		return fmt.Errorf("%d results without an explanation", problems)
	}
	return nil
}

// absolute makes a path absolute, relative to a directory or to the current one.
func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	abs, err := filepath.Abs(filepath.Join(dir, path))
	if err != nil {
		return path
	}
	return abs
}

func splitDirs(dir, list string) []string {
	var dirs []string
	for _, d := range strings.Split(list, ":") {
		if d != "" {
			dirs = append(dirs, absolute(dir, d))
		}
	}
	return dirs
}

// runAll runs the tests, each in a directory of its own, and returns their results by name.
func runAll(e *environment, cases []testCase, tests, only string, jobs int) []result {
	cases = slices.DeleteFunc(cases, func(c testCase) bool { return !strings.Contains(c.name, only) })
	results := make([]result, len(cases))
	var g errgroup.Group
	g.SetLimit(jobs)
	for i, c := range cases {
		r := &results[i]
		r.name = c.name
		g.Go(func() error {
			dir, err := os.MkdirTemp(e.scratch, "test")
			if err != nil {
				r.outcome = outcome{status: fails, detail: err.Error()}
				return nil
			}
			defer os.RemoveAll(dir)
			r.outcome = c.run(e, dir)
			// What is reported does not depend on where the tests are.
			for _, path := range []string{dir + "/", tests + "/", filepath.Dir(tests) + "/"} {
				r.detail = strings.ReplaceAll(r.detail, path, "")
			}
			return nil
		})
	}
	_ = g.Wait() // the functions return no error
	sort.Slice(results, func(i, j int) bool { return results[i].name < results[j].name })
	return results
}
