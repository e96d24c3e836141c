// Command bench measures hyplink against GNU's and LLVM's programs doing the same job, on the same inputs, in the same run.
//
//	bazel run -c opt //bench -- [-case NAME,…] [-runs N] [-dir DIR] [-write]
//
// The contestants of a case run one after another, round after round, and the table has the medians. Inputs are made once and kept in the
// cache folder of the user, below rules_hyp/bench; outputs go there as well, on the same file system, or to -dir. With -write the
// tables replace the ones in docs/performance.md. The peers are the pinned packages of //toolchain/peers, started without their launcher.
//
// Exit codes: 0 done, 1 a contestant failed, 2 the command line is wrong. A goal that is not reached is no failure: the table says so.
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

// bench is what all cases use.
type bench struct {
	tools *tools
	cache cache
	out   string // folder of the outputs
	runs  int    // timed rounds of each case, 0 for the case's own number
}

// output is where a case's contestant writes.
func (b *bench) output(name, file string) string { return filepath.Join(b.out, name+"-"+file) }

// report is what a case says of itself in Markdown, and the pictures that it refers to, by file name.
type report struct {
	text     string
	pictures map[string]string
}

// measurement is a case by the name that -case has for it.
type measurement struct {
	name string
	run  func(b *bench) (report, error)
}

// one is the measurement of a single case.
func one(name string, make func(b *bench) (*benchCase, error)) measurement {
	return measurement{name, func(b *bench) (report, error) {
		c, err := make(b)
		if err != nil {
			return report{}, err
		}
		results, err := b.race(c)
		if err != nil {
			return report{}, err
		}
		return report{text: table(c, results)}, nil
	}}
}

var measurements = []measurement{
	one("nvhe", func(b *bench) (*benchCase, error) { return b.nvhe(false) }),
	one("nvhe-stripped", func(b *bench) (*benchCase, error) { return b.nvhe(true) }),
	one("functions", (*bench).functionSections),
	one("sections", (*bench).manySections),
	one("archives", func(b *bench) (*benchCase, error) { return b.multiplied("archives", 100<<20, false) }),
	one("gib", func(b *bench) (*benchCase, error) { return b.multiplied("gib", 1<<30, true) }),
	one("gib-members", func(b *bench) (*benchCase, error) { return b.multiplied("gib-members", 1<<30, false) }),
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
	runs := flags.Int("runs", 0, "timed rounds of each case (default: 21, fewer of the long ones)")
	dir := flags.String("dir", "", "folder for outputs (default: in the cache folder)")
	write := flags.Bool("write", false, "write the tables into docs/performance.md as well")
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
			fmt.Fprintf(os.Stderr, "bench: no case %q; there are %s\n", name, strings.Join(names, ", "))
			return 2
		}
		chosen = append(chosen, measurements[i])
	}
	if *runs < 0 || flags.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "bench: want options only, and a number of rounds that is not negative")
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
	defer os.RemoveAll(b.out)
	b.runs = runs
	machine, err := describeMachine(b.out)
	if err != nil {
		return err
	}
	fmt.Println(machine)
	for _, m := range chosen {
		r, err := m.run(b)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Println(r.text)
		if write {
			if err := r.write(docs, m.name, machine); err != nil {
				return err
			}
		}
	}
	return nil
}

// newBench finds the programs and makes the folder for outputs, inside dir or of the cache folder.
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
