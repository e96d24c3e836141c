// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/rules-hyp/rules_hyp/tests/differential/linkcase"
	"github.com/rules-hyp/rules_hyp/tests/elfdump"
)

// compareLLD links a plain case with ld.lld and llvm-objcopy, and compares what is
// loaded of the results. The relocatable objects themselves differ in too many
// insignificant ways.
func (t *Tools) compareLLD(c *linkcase.Case, r *Result, dir string, objects []string) error {
	// lld 14 turns references to discarded sections into references to symbol 0,
	// which a full link rejects.
	if slices.Contains(r.Used, "relocations-against-nothing") {
		return nil
	}
	// Without -O0, lld merges strings even in a partial link.
	args := []string{"-r", "-O0", "-EL", "-o", "lld-partial.o"}
	if c.Script != "" {
		args = append(args, "-T", "script.lds")
	}
	if err := run(dir, t.Lld, append(args, objects...)...); err != nil {
		return fmt.Errorf("lld: %w", err)
	}
	if err := t.compareLoaded(r, dir, "lld", "partial"); err != nil {
		return err
	}
	if len(r.Diffs) == 0 && c.Prefix != "" {
		if err := run(dir, t.LlvmObjcopy, "--prefix-symbols="+c.Prefix, "lld-partial.o", "lld-prefixed.o"); err != nil {
			return fmt.Errorf("llvm-objcopy: %w", err)
		}
		if err := t.compareLoaded(r, dir, "lld", "prefixed"); err != nil {
			return err
		}
	}
	r.LLD = len(r.Diffs) == 0
	return nil
}

// compareLLVMObjcopy prefixes hyplink's partial link with llvm-objcopy, and
// compares the object with hyplink's, as readelf prints them.
func (t *Tools) compareLLVMObjcopy(c *linkcase.Case, r *Result, dir string) error {
	if err := run(dir, t.LlvmObjcopy, "--prefix-symbols="+c.Prefix, "hyp-partial.o", "llvm-prefixed.o"); err != nil {
		return fmt.Errorf("llvm-objcopy: %w", err)
	}
	want, err := elfdump.Read([]string{t.Readelf}, filepath.Join(dir, "llvm-prefixed.o"))
	if err != nil {
		return err
	}
	got, err := elfdump.Read([]string{t.Readelf}, filepath.Join(dir, "hyp-prefixed.o"))
	if err != nil {
		return err
	}
	diff, _ := elfdump.Diff(want, got, nil)
	for _, line := range diff {
		r.Diffs = append(r.Diffs, "llvm-prefixed "+line)
	}
	r.LLVMObjcopy = len(diff) == 0
	return nil
}
