package runner

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/rules-hyp/rules_hyp/tests/differential/linkcase"
	"github.com/rules-hyp/rules_hyp/tests/elfdump"
)

// compareLLD links a plain case with ld.lld as well, gives the result the
// prefix with llvm-objcopy, and compares what is loaded of both. Their
// relocatable objects differ in too many ways that mean nothing.
func (t *Tools) compareLLD(c *linkcase.Case, r *Result, dir string, objects []string) error {
	// Of a reference to what the script discards lld 14 makes one to symbol 0,
	// which no full link takes.
	if slices.Contains(r.Used, "relocations-against-nothing") {
		return nil
	}
	// -O0: without it strings are merged even in a partial link.
	args := []string{"-r", "-O0", "-EL", "-o", "lld-partial.o"}
	if c.Script != "" {
		args = append(args, "-T", "script.lds")
	}
	if err := run(dir, t.Lld, append(args, objects...)...); err != nil {
		return fmt.Errorf("lld: %w", err)
	}
	if err := t.load(r, dir, "lld", "partial"); err != nil {
		return err
	}
	if len(r.Diffs) == 0 && c.Prefix != "" {
		if err := run(dir, t.LlvmObjcopy, "--prefix-symbols="+c.Prefix, "lld-partial.o", "lld-prefixed.o"); err != nil {
			return fmt.Errorf("llvm-objcopy: %w", err)
		}
		if err := t.load(r, dir, "lld", "prefixed"); err != nil {
			return err
		}
	}
	r.LLD = len(r.Diffs) == 0
	return nil
}

// compareLLVMObjcopy has llvm-objcopy give the prefix to what hyplink linked,
// and compares the object with hyplink's own, as readelf sees them.
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
