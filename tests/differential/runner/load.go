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

// Addresses of the full link. Everything is near enough for a branch.
const (
	firstAddress   = 0x10000000
	sectionSpacing = 0x00100000
	outsideAddress = 0x12000000
)

// load links hyplink's object of a stage and a peer's fully, by one script that
// gives each section its address, and compares what would be loaded.
func (t *Tools) load(r *Result, dir, peer, stage string) error {
	script, outside, err := t.finalScript(filepath.Join(dir, "hyp-"+stage+".o"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "final.lds"), []byte(script), 0o666); err != nil {
		return err
	}
	want, err := t.image(dir, peer, stage, outside)
	if err != nil {
		return err
	}
	got, err := t.image(dir, "hyp", stage, outside)
	if err != nil {
		return err
	}
	if want != got {
		r.Diffs = append(r.Diffs, lineDiff("loaded "+peer+" "+stage, want, got)...)
	}
	return nil
}

// image describes what the full link of one object loads, or says why there is
// no such link: the same complaint of both is no difference.
func (t *Tools) image(dir, who, stage string, outside []string) (string, error) {
	args := []string{"-EL", "-maarch64linux", "-e", "0", "-T", "final.lds", "--no-warn-rwx-segments", "-o", who + ".elf", who + "-" + stage + ".o"}
	for j, name := range outside {
		args = append(args, fmt.Sprintf("--defsym=%s=%#x", name, outsideAddress+j*16))
	}
	err := run(dir, t.Ld, args...)
	var f *failure
	if errors.As(err, &f) {
		return strings.NewReplacer(who+"-"+stage+".o", "OBJECT", who+".elf", "OUTPUT").Replace(f.output), nil
	}
	if err != nil {
		return "", err
	}
	return loaded(filepath.Join(dir, who+".elf"))
}

// finalScript places the sections of an object in the order of their names. It
// returns the undefined symbols as well.
func (t *Tools) finalScript(path string) (script string, outside []string, err error) {
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
			outside = append(outside, s.Name)
		}
	}
	slices.Sort(outside)
	var b strings.Builder
	b.WriteString("SECTIONS {\n")
	for i, name := range names {
		fmt.Fprintf(&b, "\t%s %#x : { KEEP(*(%s)) }\n", name, firstAddress+i*sectionSpacing, name)
	}
	fmt.Fprintf(&b, "\t.common %#x : { *(COMMON) }\n}\n", firstAddress+len(names)*sectionSpacing)
	return b.String(), outside, nil
}

// loaded describes what a program has in memory, a line a segment's part.
func loaded(path string) (string, error) {
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

// lineDiff lists the lines that only one of two texts has.
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
		out = append(out, where+" ~ lines in another order")
	}
	return out
}
