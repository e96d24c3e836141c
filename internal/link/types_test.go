// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// documented are the first cells of the table of section types in docs/linker.md.
var documented = map[machine.TypeRule]string{
	machine.TypeTable: "made by the linker", machine.TypePlain: "concatenated; together they become `PROGBITS`", machine.TypeConcatenated: "concatenated with their type only",
	machine.TypeMerged: "merged by meaning", machine.TypeAlone: "carried through alone", machine.TypeDiscarded: "discarded", machine.TypeRefused: "refused",
}

// TestDocumentedTypes compares docs/linker.md with the table of section types.
func TestDocumentedTypes(t *testing.T) {
	b, err := os.ReadFile("../../docs/linker.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(b), "\n## Section types\n")
	section, _, _ = strings.Cut(section, "\n## ")
	rows := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?m)^\| (.*?) \| (.*) \|$`).FindAllStringSubmatch(section, -1) {
		for _, name := range regexp.MustCompile("`([A-Z0-9_]+)`").FindAllStringSubmatch(strings.ReplaceAll(m[2], "of the type `NOTE`", ""), -1) {
			rows[m[1]] = append(rows[m[1]], name[1])
		}
	}
	delete(rows, "what is done") // the header
	want := map[string][]string{}
	for _, m := range machine.All() {
		for _, typ := range m.SectionTypes() {
			if row := documented[typ.Rule]; !slices.Contains(want[row], typ.Name) {
				want[row] = append(want[row], typ.Name)
			}
		}
	}
	for row := range documented {
		slices.Sort(rows[documented[row]])
		slices.Sort(want[documented[row]])
		if got := rows[documented[row]]; !slices.Equal(got, want[documented[row]]) {
			t.Errorf("docs/linker.md, %s:\n%v, but the code:\n%v", documented[row], got, want[documented[row]])
		}
	}
	if len(rows) != len(documented) {
		t.Errorf("docs/linker.md has %d rows, want %d", len(rows), len(documented))
	}
}

// odd links two objects with a section .odd of the types each, which go to one
// output section, and returns what comes of them, or nil.
func odd(m *machine.Machine, types ...elf.SectionType) ([]*elfobj.Section, error) {
	var objects []*elfobj.Object
	for _, typ := range types {
		o := &elfobj.Object{Name: "a.o", Machine: m}
		o.AddSymbol(elfobj.Symbol{Name: "f", Section: o.AddSection(&elfobj.Section{Name: ".text", Type: elf.SHT_PROGBITS, Addralign: 1}), Info: elfobj.SymInfo(elf.STB_WEAK, elf.STT_NOTYPE)})
		o.AddSection(&elfobj.Section{Name: ".odd", Type: typ, Size: 4, Data: []byte("abcd"), Addralign: 1})
		b, err := o.Bytes()
		if err != nil {
			return nil, err
		}
		if o, err = elfobj.Parse(o.Name, b); err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	out, err := Link(objects, Options{Name: "out.o"})
	if err != nil {
		return nil, err
	}
	var sections []*elfobj.Section
	for _, s := range out.Sections[1:] {
		if s.Name == ".odd" {
			sections = append(sections, s)
		}
	}
	return sections, nil
}

// TestSectionTypes checks that a link does what the table says, for the types of
// the table and for unknown ones.
func TestSectionTypes(t *testing.T) {
	for _, m := range machine.All() {
		types := append(m.SectionTypes(),
			machine.SectionType{Type: 0x61234567, Name: "of an unknown system", Rule: machine.TypeAlone},
			machine.SectionType{Type: 0x81234567, Name: "of an unknown application", Rule: machine.TypeAlone},
			machine.SectionType{Type: 0x71234567, Name: "of another processor", Rule: machine.TypeRefused},
			machine.SectionType{Type: 0x1234567, Name: "of a later specification", Rule: machine.TypeRefused})
		for _, typ := range types {
			if typ.Rule == machine.TypeTable || typ.Rule == machine.TypeMerged {
				continue // other tests do: their contents have to be valid
			}
			one, errOne := odd(m, typ.Type)
			two, errTwo := odd(m, typ.Type, typ.Type)
			ok := false
			switch typ.Rule {
			case machine.TypePlain, machine.TypeConcatenated:
				ok = errOne == nil && errTwo == nil && len(one) == 1 && len(two) == 1 && two[0].Size == 8 && two[0].Type == typ.Type
			case machine.TypeAlone:
				ok = errOne == nil && len(one) == 1 && one[0].Type == typ.Type && one[0].Size == 4 && errTwo != nil && strings.Contains(errTwo.Error(), "cannot be joined")
			case machine.TypeDiscarded:
				ok = errOne == nil && errTwo == nil && len(one) == 0 && len(two) == 0
			case machine.TypeRefused:
				ok = errOne != nil && errTwo != nil
			}
			if !ok {
				t.Errorf("%s: section type %s (%#x): one becomes %v (%v), two become %v (%v)", m.Name, typ.Name, uint32(typ.Type), one, errOne, two, errTwo)
			}
		}
	}
}
