// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"debug/elf"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/tests/elfdump"
)

// Strings links objects with strings and constants that several of them have, with lld,
// which merges them, and with hyplink in that lld's order. It returns what the two
// objects are: contents, global symbols, and what each relocation refers to.
func (t *Tools) Strings(seed uint64, dir string) (want, got []string, err error) {
	r := rand.New(rand.NewPCG(seed, 0x737472))
	order, err := t.lldOrder()
	if err != nil {
		return nil, nil, err
	}
	var objects []string
	for i := range 1 + r.IntN(5) {
		name := fmt.Sprintf("strings%d", i)
		if err := os.WriteFile(filepath.Join(dir, name+".s"), []byte(stringSource(r, i)), 0o666); err != nil {
			return nil, nil, err
		}
		if err := run(dir, t.As, "-o", name+".o", name+".s"); err != nil {
			return nil, nil, err
		}
		objects = append(objects, name+".o")
	}
	var script, lldScript []string
	if r.IntN(3) > 0 {
		text := "SECTIONS { .hyp.rodata : { *(.rodata .rodata.*) } .hyp.data : { *(.data) } }\n"
		if err := os.WriteFile(filepath.Join(dir, "strings.lds"), []byte(text), 0o666); err != nil {
			return nil, nil, err
		}
		script, lldScript = []string{"--script=strings.lds"}, []string{"-T", "strings.lds"}
	}
	if err := run(dir, t.Hyplink, slices.Concat([]string{"link", "--merge-strings=" + order, "-o", "hyp.o"}, script, objects)...); err != nil {
		return nil, nil, err
	}
	if err := run(dir, t.Lld, slices.Concat([]string{"-r", "-o", "lld.o"}, lldScript, objects)...); err != nil {
		return nil, nil, err
	}
	if want, err = t.contents(filepath.Join(dir, "lld.o")); err != nil {
		return nil, nil, err
	}
	got, err = t.contents(filepath.Join(dir, "hyp.o"))
	return want, got, err
}

var lldVersion = regexp.MustCompile(`LLD ([0-9]+)\.`)

// lldOrder returns the value of --merge-strings for the lane's lld.
func (t *Tools) lldOrder() (string, error) {
	out, err := exec.Command(t.Lld, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", t.Lld, err)
	}
	m := lldVersion.FindSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("%s --version: got %q, want LLD and a number", t.Lld, out)
	}
	switch n, _ := strconv.Atoi(string(m[1])); {
	case n <= 14:
		return "lld14", nil
	case n <= 16:
		return "lld15", nil
	}
	return "lld17", nil
}

// stringSource returns a source with strings of up to a few hundred bytes, constants,
// and references to them by labels that the assembler keeps or replaces.
func stringSource(r *rand.Rand, number int) string {
	var b, refs strings.Builder
	label := 0
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	define := func(body string, size int) {
		name := fmt.Sprintf(".L%d", label)
		switch r.IntN(4) {
		case 0:
			name = fmt.Sprintf("local%d", label)
		case 1:
			name = fmt.Sprintf("global%d_%d", number, label)
			p("\t.globl %s", name)
		}
		label++
		p("%s:\n%s", name, body)
		fmt.Fprintf(&refs, "\t.xword %s+%d\n\t.word %s - .\n", name, r.IntN(size), name)
	}
	word := func() string {
		n := r.IntN(4)
		if r.IntN(8) == 0 {
			n = 10 + r.IntN(400) // for each of the hash's methods
		}
		return strings.Repeat(string(rune('a'+r.IntN(3))), n)
	}
	for _, s := range []struct {
		head string
		put  func()
	}{
		{`.rodata.str1.1,"aMS",%progbits,1`, func() { w := word(); define(fmt.Sprintf("\t.asciz %q", w), len(w)+1) }},
		{`.rodata.str,"aMS",%progbits,1`, func() { w := word(); define(fmt.Sprintf("\t.asciz %q", w), len(w)+1) }},
		{`.rodata.str1.8,"aMS",%progbits,1`, func() { p("\t.balign 8"); w := word(); define(fmt.Sprintf("\t.asciz %q", w), len(w)+1) }},
		{`.debug_str,"MS",%progbits,1`, func() { w := word(); define(fmt.Sprintf("\t.asciz %q", w), len(w)+1) }},
		{`.rodata.str2.2,"aMS",%progbits,2`, func() { define(fmt.Sprintf("\t.hword %d, %d, 0", 1+r.IntN(2), 1+r.IntN(2)), 1) }},
		{`.rodata.cst4,"aM",%progbits,4`, func() { define(fmt.Sprintf("\t.word %d", r.IntN(4)), 4) }},
		{`.rodata.cst8,"aM",%progbits,8`, func() { p("\t.balign 8"); define(fmt.Sprintf("\t.xword %d", r.IntN(4)), 8) }},
		{`.rodata.cst16,"aM",%progbits,16`, func() { p("\t.balign 16"); define(fmt.Sprintf("\t.xword %d, 0", r.IntN(3)), 16) }},
	} {
		p("\t.section %s", s.head)
		for range r.IntN(10) {
			s.put()
		}
	}
	p("\t.section .rodata,\"a\"\n\t.balign 8\n\t.xword %d\n\t.data\n\t.balign 8\n%s", number, &refs)
	for _, section := range []string{".rodata.table,\"a\"", ".debug_info,\"\"", ".init.data,\"aw\"", ".rodata,\"a\""} {
		if r.IntN(3) == 0 {
			p("\t.section %s\n\t.balign 8\n\t.xword elsewhere", section)
		}
	}
	return b.String()
}

// contents lists sections, global symbols and relocations of an object.
func (t *Tools) contents(path string) ([]string, error) {
	o, err := elfdump.Read([]string{t.Readelf}, path)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, s := range o.Sections {
		if s.Size > 0 && s.Type == "PROGBITS" {
			lines = append(lines, fmt.Sprintf("section %s align=%d %q", s.Name, s.Align, s.Bytes))
		}
	}
	for _, s := range o.Symbols {
		if s.Bind == "GLOBAL" {
			lines = append(lines, fmt.Sprintf("symbol %s %s+%#x", s.Name, s.Section, s.Value))
		}
	}
	for _, r := range o.Relocs {
		target := r.Target
		// A linker may refer to what is local by any symbol.
		if section, offset, ok := strings.Cut(target, "+"); ok {
			offset, _, _ = strings.Cut(offset, " (") // the symbol at it
			n, err := strconv.ParseInt(offset, 0, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: target %q: %w", path, target, err)
			}
			target = fmt.Sprintf("%s+%#x", section, n+r.Addend)
		} else {
			target = fmt.Sprintf("%s%+d", target, r.Addend)
		}
		lines = append(lines, fmt.Sprintf("relocation %s+%#x %s %s", r.Section, r.Offset, r.Type, target))
	}
	slices.Sort(lines)
	order, err := relocationOrder(path)
	return append(lines, "order of relocation sections: "+order), err
}

// relocationOrder lists the sections that have relocations, in the order of those in the file.
func relocationOrder(path string) (string, error) {
	f, err := elf.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var names []string
	for _, s := range f.Sections {
		if s.Type == elf.SHT_RELA {
			names = append(names, f.Sections[s.Info].Name)
		}
	}
	return strings.Join(names, " "), nil
}
