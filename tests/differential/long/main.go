// SPDX-License-Identifier: Apache-2.0

// Command long runs any number of differential cases.
//
//	bazel run //tests/differential:long -- -n 10000 [-seed 1] [-jobs 2] [-keep DIRECTORY]
//
// long_newest does the same with newer peers, and with --config=newest with the newest.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"time"

	"github.com/rules-hyp/rules_hyp/tests/differential/linkcase"
	"github.com/rules-hyp/rules_hyp/tests/differential/runner"
)

func main() {
	n := flag.Int("n", 1000, "number of cases")
	seed := flag.Uint64("seed", 1, "seed of the first case; the next ones follow")
	jobs := flag.Int("jobs", 2, "number of cases to run at a time")
	keep := flag.String("keep", "", "directory for reduced cases, as files for testdata")
	reduce := flag.Bool("reduce", true, "reduce the first case of each kind of difference")
	flag.Parse()
	tools, err := runner.FromEnvironment()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if run(tools, *n, *seed, *jobs, *keep, *reduce) {
		os.Exit(1)
	}
}

// run runs the cases and reports whether any failed.
func run(tools *runner.Tools, n int, first uint64, jobs int, keep string, reduce bool) (failed bool) {
	start := time.Now()
	var mu sync.Mutex
	refused, lld, llvmObjcopy, mold := 0, 0, 0, 0
	used := map[string]int{}
	kinds := map[string][]uint64{}
	examples := map[string]*linkcase.Case{}
	seeds := make(chan uint64)
	var wg sync.WaitGroup
	for range jobs {
		wg.Go(func() {
			for s := range seeds {
				c := linkcase.Generate(s)
				r, err := runner.RunInTempDir(tools, c)
				mu.Lock()
				switch {
				case err != nil:
					failed = true
					fmt.Println(err)
				case r.Refused != "":
					refused++
				case len(r.Diffs) > 0:
					failed = true
					k := r.Kind()
					if kinds[k] = append(kinds[k], s); len(kinds[k]) == 1 {
						examples[k] = c
					}
				}
				if r != nil && r.LLVMObjcopy {
					llvmObjcopy++
				}
				if r != nil && r.Mold {
					mold++
				}
				if r != nil && r.LLD {
					lld++
				}
				if r != nil {
					for _, id := range r.Used {
						used[id]++
					}
				}
				mu.Unlock()
			}
		})
	}
	for i := range n {
		seeds <- first + uint64(i)
	}
	close(seeds)
	wg.Wait()
	fmt.Printf("%d cases in %.1f s\n", n, time.Since(start).Seconds())
	fmt.Printf("%d rejected by GNU ld or objcopy; %d compared with lld as well, %d with llvm-objcopy, %d with mold\n", refused, lld, llvmObjcopy, mold)
	for id, count := range used {
		fmt.Printf("tolerated %s, %d times\n", id, count)
	}
	var names []string
	for k := range kinds {
		names = append(names, k)
	}
	sort.Strings(names)
	for _, k := range names {
		report(tools, k, kinds[k], examples[k], keep, reduce)
	}
	return failed
}

// report prints one kind of difference, with a reduced case.
func report(tools *runner.Tools, kind string, seeds []uint64, c *linkcase.Case, keep string, reduce bool) {
	fmt.Printf("\n== %s: %d cases, seeds %v\n", kind, len(seeds), seeds[:min(len(seeds), 8)])
	if reduce {
		c = runner.ReduceFailing(tools, c)
	}
	r, err := runner.RunInTempDir(tools, c)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range r.Diffs {
		fmt.Println(d)
	}
	text, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(runner.Describe(c))
	if keep != "" {
		path := filepath.Join(keep, fmt.Sprintf("seed-%d.json", c.Seed))
		if err := os.WriteFile(path, append(text, '\n'), 0o666); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("written to", path)
	}
}
