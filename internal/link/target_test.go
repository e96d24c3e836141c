// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// objectOf reads an object from text.
func objectOf(t *testing.T, name, text string) *elfobj.Object {
	t.Helper()
	o, err := elftext.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

const someText = "section .text PROGBITS AX align=4\n  c0035fd6\n"

func TestTargets(t *testing.T) {
	const (
		isFor     = "a.o: +0x12: is for AArch64, but the command line says -m elf_x86_64; compile it for that machine, or leave the option out"
		byteOrder = "a.o: +0x5: its byte order is not the one of -EB; compile it for that byte order, or leave the option out"
	)
	x86 := Target{Option: "-m elf_x86_64", Machine: machine.For(elf.EM_X86_64)}
	arm := Target{Option: "-m aarch64elf", Machine: machine.For(elf.EM_AARCH64)}
	big := Target{Option: "-EB", BigEndian: true}
	for _, c := range []struct {
		targets []Target
		want    string
	}{
		{nil, ""},
		{[]Target{arm}, ""},
		{[]Target{arm, {Option: "-EL"}}, ""},
		{[]Target{x86}, isFor},
		{[]Target{big}, byteOrder},
		{[]Target{arm, big}, byteOrder},
		{[]Target{x86, big}, isFor}, // one error an object
	} {
		_, err := Link([]*elfobj.Object{objectOf(t, "a.o", someText)}, Options{Name: "out.o", Targets: c.targets})
		if got := message(err); got != c.want {
			t.Errorf("%v:\ngot  %s\nwant %s", c.targets, got, c.want)
		}
	}
	_, err := Link([]*elfobj.Object{objectOf(t, "a.o", someText), objectOf(t, "b.o", someText)}, Options{Name: "out.o", Targets: []Target{x86}})
	if got := message(err); strings.Count(got, "\n") != 1 || !strings.Contains(got, "\nb.o: ") {
		t.Errorf("two objects for another machine gave:\n%s", got)
	}
}

// message is an error's text, empty for none.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestStackNote(t *testing.T) {
	const note = "section .note.GNU-stack PROGBITS X align=1\n"
	for _, c := range []struct {
		note   bool
		a, b   string
		want   string // flags of the note in the result
		exists bool
	}{
		{false, someText, someText, "", false},
		{true, someText, someText, "", true},
		{true, someText, someText + note, "X", true},
		{true, note + someText, someText, "X", true},
		{false, someText, someText + note, "X", true},
	} {
		out, err := Link([]*elfobj.Object{objectOf(t, "a.o", c.a), objectOf(t, "b.o", c.b)}, Options{Name: "out.o", StackNote: c.note})
		if err != nil {
			t.Fatal(err)
		}
		s := out.Section(elfobj.StackNoteSection)
		switch {
		case (s != nil) != c.exists:
			t.Errorf("%+v: there is a note: %v", c, s != nil)
		case s != nil && (s.Flags&elf.SHF_EXECINSTR != 0) != (c.want == "X"):
			t.Errorf("%+v: the note has the flags %v", c, s.Flags)
		}
	}
}
