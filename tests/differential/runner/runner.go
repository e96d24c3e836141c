// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/tests/differential/linkcase"
	"github.com/rules-hyp/rules_hyp/tests/divergences"
	"github.com/rules-hyp/rules_hyp/tests/elfbuild"
	"github.com/rules-hyp/rules_hyp/tests/elfdump"
)

// tolerated returns the divergences from GNU ld that a case may have.
func (t *Tools) tolerated(c *linkcase.Case) []string {
	var ids []string
	// Before relocations-against-nothing, which takes the same lines alone.
	if slices.ContainsFunc(c.Inputs, func(in linkcase.Input) bool { return strings.Contains(in.Asm, ".debug_") }) {
		ids = append(ids, "debug-information-of-discarded-groups")
	}
	ids = append(ids, "empty-section-flags", "empty-section-for-commons", "relocations-against-nothing")
	if c.KeepGroups {
		ids = append(ids, "group-section-symbol")
	} else {
		ids = append(ids, "flattened-groups-are-weak")
	}
	if slices.ContainsFunc(c.Inputs, bssOnly) {
		ids = append(ids, "locals-of-bss-only-objects")
	}
	// The modern one differs only where both are given.
	if t.Modern && strings.Contains(c.Script, ") SUBALIGN") || !t.Modern && strings.Contains(c.Script, "SUBALIGN") {
		ids = append(ids, "subalign-alignment")
	}
	if t.Modern {
		ids = append(ids, "unused-weak-references", "aarch64-attribute-forms")
	}
	return ids
}

// bssOnly reports whether an object may contribute no contents to a link: scripts
// discard some sections that are not loaded, and its section groups may come from
// another object.
func bssOnly(in linkcase.Input) bool {
	return in.Raw != nil && !slices.ContainsFunc(in.Raw.Sections, func(s elfbuild.Section) bool {
		return s.Type != elf.SHT_NOBITS && s.Flags&elf.SHF_GROUP == 0 && s.Name != ".comment" && s.Name != ".note.test"
	})
}

// Result is the result of a case.
type Result struct {
	// Refused is the error of GNU ld or objcopy if it rejects the case, which is
	// then not compared.
	Refused string
	// Diffs are the differences. The first word of each says where: "hyplink",
	// "partial", "prefixed", "llvm-prefixed" or "loaded".
	Diffs []string
	// LLD says that lld's result was compared as well, and loads the same.
	LLD bool
	// Mold says the same of mold's result.
	Mold bool
	// LLVMObjcopy says that llvm-objcopy's result of the prefix stage was compared
	// as well, and is the same.
	LLVMObjcopy bool
	// Used are the IDs of the tolerances that were needed.
	Used []string
}

// Run links a case in an empty directory.
func (t *Tools) Run(c *linkcase.Case, dir string) (*Result, error) {
	objects, err := t.inputs(c, dir)
	if err != nil {
		return nil, fmt.Errorf("seed %d: %w", c.Seed, err)
	}
	r := &Result{}
	if err := t.gnu(c, dir, objects); err != nil {
		r.Refused = err.Error()
		return r, nil
	}
	if err := t.hyplink(c, dir, objects); err != nil {
		for _, refusal := range divergences.Refusals {
			if refusal.Message.MatchString(err.Error()) {
				r.Used = append(r.Used, refusal.ID)
				return r, nil
			}
		}
		r.Diffs = append(r.Diffs, "hyplink "+err.Error())
		return r, nil
	}
	if err := t.compare(c, r, dir, "partial"); err != nil {
		return nil, fmt.Errorf("seed %d: %w", c.Seed, err)
	}
	if len(r.Diffs) == 0 && c.Prefix != "" {
		if err := t.compare(c, r, dir, "prefixed"); err != nil {
			return nil, fmt.Errorf("seed %d: %w", c.Seed, err)
		}
	}
	// The final link merges strings by the alignment of their section.
	if len(r.Diffs) == 0 && !slices.Contains(r.Used, "subalign-alignment") {
		if err := t.compareLoaded(r, dir, "gnu", "partial"); err != nil {
			return nil, fmt.Errorf("seed %d: %w", c.Seed, err)
		}
	}
	if len(r.Diffs) == 0 && c.Prefix != "" {
		if err := t.compareLLVMObjcopy(c, r, dir); err != nil {
			return nil, fmt.Errorf("seed %d: %w", c.Seed, err)
		}
	}
	if len(r.Diffs) == 0 && c.Plain {
		if err := t.compareLLD(c, r, dir, objects); err != nil {
			return nil, fmt.Errorf("seed %d: %w", c.Seed, err)
		}
	}
	if len(r.Diffs) == 0 && t.Mold != "" && c.Plain && c.Script == "" {
		if err := t.compareMold(c, r, dir, objects); err != nil {
			return nil, fmt.Errorf("seed %d: %w", c.Seed, err)
		}
	}
	return r, nil
}

// inputs writes, compiles and assembles the inputs and returns their names.
func (t *Tools) inputs(c *linkcase.Case, dir string) ([]string, error) {
	var names []string
	for i := range c.Inputs {
		in, base := &c.Inputs[i], fmt.Sprintf("in%d", i)
		var err error
		switch {
		case in.Raw != nil:
			err = os.WriteFile(filepath.Join(dir, base+".o"), in.Raw.Bytes(), 0o666)
		case in.Asm != "":
			if err = os.WriteFile(filepath.Join(dir, base+".s"), []byte(in.Asm), 0o666); err == nil {
				err = run(dir, t.As, "-o", base+".o", base+".s")
			}
		default:
			if err = os.WriteFile(filepath.Join(dir, base+".c"), []byte(in.C), 0o666); err == nil {
				err = run(dir, t.Gcc, append(append([]string{}, in.Flags...), "-c", base+".c", "-o", base+".o")...)
			}
		}
		if err != nil {
			return nil, err
		}
		names = append(names, base+".o")
	}
	if c.Script != "" {
		if err := os.WriteFile(filepath.Join(dir, "script.lds"), []byte(c.Script), 0o666); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// gnu links with GNU ld and objcopy.
func (t *Tools) gnu(c *linkcase.Case, dir string, objects []string) error {
	// aarch64linux differs from kbuild's aarch64elf only in links without a script;
	// see tests/parity/reference.bzl.
	args := []string{"-r", "-EL", "-maarch64linux", "--no-warn-rwx-segments", "-o", "gnu-partial.o"}
	if c.Script != "" {
		args = append(args, "-T", "script.lds")
	}
	if !c.KeepGroups {
		args = append(args, "--force-group-allocation")
	}
	if err := run(dir, t.Ld, append(args, objects...)...); err != nil {
		return err
	}
	if c.Prefix == "" {
		return nil
	}
	return run(dir, t.Objcopy, "--prefix-symbols="+c.Prefix, "gnu-partial.o", "gnu-prefixed.o")
}

// hyplink links with hyplink, stage by stage.
func (t *Tools) hyplink(c *linkcase.Case, dir string, objects []string) error {
	args := []string{"link", "-o", "hyp-partial.o"}
	if c.Script != "" {
		args = append(args, "--script=script.lds")
	}
	if c.KeepGroups {
		args = append(args, "--group=keep")
	}
	if err := run(dir, t.Hyplink, append(args, objects...)...); err != nil {
		return err
	}
	if c.Prefix == "" {
		return nil
	}
	return run(dir, t.Hyplink, "prefix", "--symbol-prefix="+c.Prefix, "-o", "hyp-prefixed.o", "hyp-partial.o")
}

// compare compares the objects of a stage as readelf prints them.
func (t *Tools) compare(c *linkcase.Case, r *Result, dir, stage string) error {
	want, err := elfdump.Read([]string{t.Readelf}, filepath.Join(dir, "gnu-"+stage+".o"))
	if err != nil {
		return err
	}
	got, err := elfdump.Read([]string{t.Readelf}, filepath.Join(dir, "hyp-"+stage+".o"))
	if err != nil {
		r.Diffs = append(r.Diffs, "hyplink "+err.Error())
		return nil
	}
	tolerances, err := divergences.ByID(t.tolerated(c)...)
	if err != nil {
		return err
	}
	diff, used := elfdump.Diff(want, got, tolerances)
	for _, line := range diff {
		r.Diffs = append(r.Diffs, stage+" "+line)
	}
	r.Used = append(r.Used, used...)
	return nil
}

// variable matches the parts of a line that vary between cases: numbers, and parts of
// names.
var variable = regexp.MustCompile(`(=|\+|-)?(0x)?[0-9a-f]*[0-9][0-9a-f]*|bytes=\S*|_[a-z_0-9]+`)

// Kind classifies a failure: it returns the first difference without its variable
// parts.
func (r *Result) Kind() string {
	if len(r.Diffs) == 0 {
		return ""
	}
	first, _, _ := strings.Cut(r.Diffs[0], "\n")
	return variable.ReplaceAllString(first, "#")
}
