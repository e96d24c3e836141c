// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// testCase is one change of the tree, and what follows from it.
type testCase struct {
	name string
	// goal is the time of Bazel by that of kbuild that is to be reached.
	goal float64
	// prepare changes the tree, differently for each run n.
	prepare func(b *bench, n int) error
	cache   cacheUse
}

// A change of the code, so that everything after the compile has something to do as well.
const (
	cCode        = "\nint hyp_bench_%[1]d(int n);\nint hyp_bench_%[1]d(int n) { return n + %[1]d; }\n"
	assemblyCode = "\nSYM_CODE_START(hyp_bench_%[1]d)\n\tmov x0, #%[1]d\n\tret\nSYM_CODE_END(hyp_bench_%[1]d)\n"
)

// cacheUse is what a case does with a disk cache of its own, which has the results of a clean build.
type cacheUse int

const (
	noCache    cacheUse = iota // the workspace's settings
	toolsCache                 // results of rules_hyp's actions are neither taken from it nor put into it
	fullCache
)

var cases = []testCase{
	{name: "nothing changed", goal: 0.25, prepare: func(*bench, int) error { return nil }},
	{name: "one .c", goal: 0.45, prepare: edits("arch/arm64/kvm/hyp/nvhe/mm.c", cCode)},
	{name: "one .S", goal: 0.3, prepare: edits("arch/arm64/kvm/hyp/nvhe/cache.S", assemblyCode)},
	{name: "a private header", goal: 0.55, prepare: moves("arch/arm64/kvm/hyp/include/nvhe/mem_protect.h")},
	{name: "a header that all include", goal: 0.65, prepare: moves("include/linux/types.h")},
	{name: "clean without a cache", goal: 0.8, prepare: clean, cache: toolsCache},
	{name: "clean with a disk cache", goal: 0.3, prepare: clean, cache: fullCache},
}

func edits(name, code string) func(*bench, int) error {
	return func(b *bench, n int) error { return b.edit(name, "", fmt.Sprintf(code, b.number(n))) }
}

// moves moves the lines of a header: the debug information of all readers changes, so that there is something to link.
func moves(name string) func(*bench, int) error {
	return func(b *bench, n int) error { return b.edit(name, strings.Repeat("\n", b.number(n)), "") }
}

// number is one that neither another run n has nor, most likely, another measurement: its results could be in a disk cache.
func (b *bench) number(n int) int { return b.first + n }

// clean removes what both have built. The server of Bazel goes on; the cache is filled before.
func clean(b *bench, n int) error {
	if n == 0 {
		for _, args := range [][]string{{"clean"}, {"build", b.cacheOption(), b.target}} {
			if err := b.command(b.workspace, slices.Concat(b.bazel, args)...); err != nil {
				return err
			}
		}
	}
	err := filepath.WalkDir(filepath.Join(b.objects, b.dir), func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		made := strings.HasSuffix(name, ".o") || strings.HasSuffix(name, ".cmd") || strings.HasSuffix(name, ".lds") || strings.HasSuffix(name, "hyp-reloc.S")
		if err != nil || entry.IsDir() || !made {
			return err
		}
		return os.Remove(name)
	})
	if err != nil {
		return err
	}
	return b.command(b.workspace, slices.Concat(b.bazel, []string{"clean"})...)
}

func (b *bench) cacheOption() string {
	return "--disk_cache=" + filepath.Join(b.workspace, ".bench-cache")
}

// options returns Bazel's options for a case.
func (c testCase) options(b *bench) []string {
	switch c.cache {
	case toolsCache:
		return []string{b.cacheOption(), "--modify_execution_info=^Hyp.*=+no-cache"}
	case fullCache:
		return []string{b.cacheOption()}
	}
	return nil
}
