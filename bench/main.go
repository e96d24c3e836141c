// SPDX-License-Identifier: Apache-2.0

// Command bench compares the performance of hyplink with that of GNU's and LLVM's programs and of mold, on the same inputs and in the same run.
//
//	bazel run -c opt //bench -- [-case NAME,…] [-runs N] [-dir DIR] [-write]
//
// The contestants of a case run in turn, in several rounds, and the table has the medians. Inputs are generated once and kept in the user's cache
// directory, in rules_hyp/bench; outputs are written there as well, to the same file system, or to -dir. With -write the tables in docs/performance.md
// are updated. The other programs are the pinned packages of //tests/peers, run without their launcher: Debian 13's, or with --config=newest Debian 14's.
//
// Exit codes: 0 success, 1 a contestant failed, 2 wrong command line. A goal that is not reached is in the table, but is not a failure.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// bench is shared by all cases.
type bench struct {
	tools *tools
	cache cache
	out   string // directory for outputs
	runs  int    // number of timed rounds, or 0 for the case's default
	// remove are further directories for outputs, which runAll removes.
	remove []string
}

// output returns the path of a case's output.
func (b *bench) output(name, file string) string { return filepath.Join(b.out, name+"-"+file) }

// report is the result of a case in Markdown, and the pictures in it by file name.
type report struct {
	text     string
	pictures map[string]string
	verdicts []verdict
}

// measurement is a value of -case.
type measurement struct {
	name string
	run  func(b *bench) (report, error)
}

// singleCase returns the measurement of one case.
func singleCase(name string, make func(b *bench) (*benchCase, error)) measurement {
	return measurement{name, func(b *bench) (report, error) {
		c, err := make(b)
		if err != nil {
			return report{}, err
		}
		results, err := b.race(c)
		if err != nil {
			return report{}, err
		}
		return report{text: table(c, results), verdicts: verdicts(c, results)}, nil
	}}
}

var measurements = []measurement{
	singleCase("nvhe", func(b *bench) (*benchCase, error) { return b.nvhe(false) }),
	singleCase("nvhe-stripped", func(b *bench) (*benchCase, error) { return b.nvhe(true) }),
	singleCase("functions", (*bench).functionSections),
	singleCase("functions-unscripted", (*bench).functionsUnscripted),
	singleCase("sections", (*bench).manySections),
	singleCase("large", (*bench).largeSections),
	singleCase("archives", func(b *bench) (*benchCase, error) { return b.multiplied("archives", 100<<20, false) }),
	singleCase("gib", func(b *bench) (*benchCase, error) { return b.multiplied("gib", 1<<30, true) }),
	singleCase("gib-members", func(b *bench) (*benchCase, error) { return b.multiplied("gib-members", 1<<30, false) }),
	{"growth", (*bench).growth},
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	var names []string
	for _, m := range measurements {
		names = append(names, m.name)
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	wanted := flags.String("case", strings.Join(names, ","), "cases to run")
	runs := flags.Int("runs", 0, "number of timed rounds (default: 21, fewer for long cases)")
	dir := flags.String("dir", "", "directory for outputs (default: in the cache directory)")
	write := flags.Bool("write", false, "update the tables in docs/performance.md as well")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	var chosen []measurement
	for _, name := range strings.Split(*wanted, ",") {
		i := slices.Index(names, name)
		if i < 0 {
			fmt.Fprintf(os.Stderr, "bench: unknown case %q; cases are %s\n", name, strings.Join(names, ", "))
			return 2
		}
		chosen = append(chosen, measurements[i])
	}
	if *runs < 0 || flags.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "bench: want options only, and a non-negative number of rounds")
		return 2
	}
	if err := runAll(chosen, *runs, *dir, *write); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		return 1
	}
	return 0
}

func runAll(chosen []measurement, runs int, dir string, write bool) error {
	var docs string
	if write {
		root := os.Getenv("BUILD_WORKSPACE_DIRECTORY")
		if root == "" {
			return errors.New("-write: BUILD_WORKSPACE_DIRECTORY is not set; start the benchmark with bazel run //bench")
		}
		docs = filepath.Join(root, "docs")
	}
	b, err := newBench(dir)
	if err != nil {
		return err
	}
	defer func() {
		for _, dir := range append(b.remove, b.out) {
			os.RemoveAll(dir)
		}
	}()
	b.runs = runs
	machine, err := describeMachine(b.out)
	if err != nil {
		return err
	}
	fmt.Println(machine)
	var names []string
	var reports []report
	for _, m := range chosen {
		r, err := m.run(b)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Println(r.text)
		names, reports = append(names, m.name), append(reports, r)
		if write {
			if err := r.write(docs, m.name, machine); err != nil {
				return err
			}
		}
	}
	goals := goalTable(names, reports)
	fmt.Println(goals)
	if write && len(chosen) == len(measurements) {
		return report{text: goals}.write(docs, "goals", machine)
	}
	return nil
}

// newBench finds the programs and makes the directory for outputs, in dir or the cache directory.
func newBench(dir string) (*bench, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	b := &bench{cache: cache{filepath.Join(user, "rules_hyp", "bench")}}
	if b.tools, err = findTools(); err != nil {
		return nil, err
	}
	if dir == "" {
		dir = b.cache.dir
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	b.out, err = os.MkdirTemp(dir, "out-")
	return b, err
}
