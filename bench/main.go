// Command bench measures hyplink against GNU's and LLVM's programs doing the same job, on the same inputs, in the same run.
//
//	bazel run -c opt //bench -- [-case NAME,…] [-runs N] [-write]
//
// The contestants of a case run one after another, round after round, and the table has the medians. Inputs are made once and kept in the
// cache folder of the user, below rules_hyp/bench; outputs go there as well, on the same file system, or to -dir. The peers are the
// pinned packages of //toolchain/peers, started without their launcher.
//
// Exit codes: 0 done, 1 a contestant failed, 2 the command line is wrong. A goal that is not reached is no failure: the table says so.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// bench is what all cases use.
type bench struct {
	tools *tools
	cache cache
	out   string // folder of the outputs
}

// benchCase is one job, done by each contestant. hyplink is the first.
type benchCase struct {
	name, title string
	inputs      []string
	inputBytes  int64
	contestants []contestant
	goals       []goal
	runs        int // timed rounds where the command line does not say; 0 for the usual number
}

// usualRuns is the number of timed rounds of a short case.
const usualRuns = 21

// output is where a case's contestant writes.
func (b *bench) output(name, file string) string { return filepath.Join(b.out, name+"-"+file) }

// caseMaker makes a case: finds or generates its inputs.
type caseMaker struct {
	name string
	make func(b *bench) (*benchCase, error)
}

var cases = []caseMaker{
	{"nvhe", func(b *bench) (*benchCase, error) { return b.nvhe(false) }},
	{"nvhe-stripped", func(b *bench) (*benchCase, error) { return b.nvhe(true) }},
	{"functions", (*bench).functionSections},
	{"sections", (*bench).manySections},
	{"corpora", (*bench).multiplied},
}

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	var names []string
	for _, c := range cases {
		names = append(names, c.name)
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	wanted := flags.String("case", strings.Join(names, ","), "cases to run")
	runs := flags.Int("runs", 0, "timed rounds of each case (default: 21, of the long ones 3)")
	dir := flags.String("dir", "", "folder for outputs (default: in the cache folder)")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	var chosen []caseMaker
	for _, name := range strings.Split(*wanted, ",") {
		i := slices.Index(names, name)
		if i < 0 {
			fmt.Fprintf(os.Stderr, "bench: no case %q; there are %s\n", name, strings.Join(names, ", "))
			return 2
		}
		chosen = append(chosen, cases[i])
	}
	if *runs < 0 || flags.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "bench: want options only")
		return 2
	}
	if err := runCases(chosen, *runs, *dir); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		return 1
	}
	return 0
}

func runCases(chosen []caseMaker, runs int, dir string) error {
	user, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	b := &bench{cache: cache{filepath.Join(user, "rules_hyp", "bench")}}
	if b.tools, err = findTools(); err != nil {
		return err
	}
	if dir == "" {
		dir = b.cache.dir
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if b.out, err = os.MkdirTemp(dir, "out-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.out)
	for _, maker := range chosen {
		c, err := maker.make(b)
		if err != nil {
			return fmt.Errorf("%s: %w", maker.name, err)
		}
		for _, path := range c.inputs {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			c.inputBytes += info.Size()
		}
		rounds := cmp.Or(runs, c.runs, usualRuns)
		results, err := b.race(c.contestants, rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Println(table(c, results))
	}
	return nil
}
