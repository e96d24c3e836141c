// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Addresses of the full link, all in the range of a branch.
const (
	firstAddress   = 0x10000000
	sectionSpacing = 0x00100000
	outsideAddress = 0x12000000
)

// compareLoaded fully links hyplink's object of a stage and a peer's, with a script
// that gives each section an address, and compares what would be loaded.
func (t *Tools) compareLoaded(r *Result, dir, peer, stage string) error {
	script, undefined, err := t.finalScript(filepath.Join(dir, "hyp-"+stage+".o"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "final.lds"), []byte(script), 0o666); err != nil {
		return err
	}
	want, err := t.loadedImage(dir, peer, stage, undefined)
	if err != nil {
		return err
	}
	got, err := t.loadedImage(dir, "hyp", stage, undefined)
	if err != nil {
		return err
	}
	if want != got {
		r.Diffs = append(r.Diffs, lineDiff("loaded "+peer+" "+stage, want, got)...)
	}
	return nil
}

// loadedImage describes what the full link of an object loads, or returns the
// linker's errors: the same error for both objects is not a difference.
func (t *Tools) loadedImage(dir, linker, stage string, undefined []string) (string, error) {
	args := []string{"-EL", "-maarch64linux", "-e", "0", "-T", "final.lds", "--no-warn-rwx-segments", "-o", linker + ".elf", linker + "-" + stage + ".o"}
	for j, name := range undefined {
		args = append(args, fmt.Sprintf("--defsym=%s=%#x", name, outsideAddress+j*16))
	}
	err := run(dir, t.Ld, args...)
	var f *failure
	if errors.As(err, &f) {
		return strings.NewReplacer(linker+"-"+stage+".o", "OBJECT", linker+".elf", "OUTPUT").Replace(f.output), nil
	}
	if err != nil {
		return "", err
	}
	return describeLoaded(filepath.Join(dir, linker+".elf"))
}

// finalScript returns a script that places the sections of an object in the order of
// their names, and the undefined symbols.
func (t *Tools) finalScript(path string) (script string, undefined []string, err error) {
	f, err := elf.Open(path)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	var names []string
	for _, s := range f.Sections {
		if s.Flags&elf.SHF_ALLOC != 0 && !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	slices.Sort(names)
	symbols, err := f.Symbols()
	if err != nil && !errors.Is(err, elf.ErrNoSymbols) {
		return "", nil, err
	}
	for _, s := range symbols {
		if s.Section == elf.SHN_UNDEF && s.Name != "" {
			undefined = append(undefined, s.Name)
		}
	}
	slices.Sort(undefined)
	var b strings.Builder
	b.WriteString("SECTIONS {\n")
	for i, name := range names {
		fmt.Fprintf(&b, "\t%s %#x : { KEEP(*(%s)) }\n", name, firstAddress+i*sectionSpacing, name)
	}
	fmt.Fprintf(&b, "\t.common %#x : { *(COMMON) }\n}\n", firstAddress+len(names)*sectionSpacing)
	return b.String(), undefined, nil
}

// describeLoaded describes what a program loads, with a line per section.
func describeLoaded(path string) (string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var lines []string
	for _, s := range f.Sections {
		if s.Flags&elf.SHF_ALLOC == 0 || s.Size == 0 {
			continue
		}
		sum := "zero"
		if s.Type != elf.SHT_NOBITS {
			data, err := s.Data()
			if err != nil {
				return "", err
			}
			if len(bytes.Trim(data, "\x00")) > 0 {
				sum = fmt.Sprintf("%x", sha256.Sum256(data))[:16]
			}
		}
		lines = append(lines, fmt.Sprintf("section %s at %#x size=%#x bytes=%s", s.Name, s.Addr, s.Size, sum))
	}
	return strings.Join(lines, "\n"), nil
}

// lineDiff returns the lines that only one of two texts has.
func lineDiff(where, want, got string) []string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	var out []string
	for _, l := range w {
		if !slices.Contains(g, l) {
			out = append(out, where+" - "+l)
		}
	}
	for _, l := range g {
		if !slices.Contains(w, l) {
			out = append(out, where+" + "+l)
		}
	}
	if len(out) == 0 {
		out = append(out, where+" ~ lines in a different order")
	}
	return out
}
