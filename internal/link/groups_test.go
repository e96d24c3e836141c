// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"fmt"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
)

// TestGroupMembersOfOneName has two members of one name become one section, which
// the group that is kept names once.
func TestGroupMembersOfOneName(t *testing.T) {
	in, err := elftext.Parse("a.o", `section .text.f PROGBITS AX align=4
  aaaaaaaa
section .text.f PROGBITS AXG align=4
  bbbbbbbb
section .data.f PROGBITS WA align=4
  cccccccc
symbol f WEAK FUNC .text.f+0 size=4
group f COMDAT .text.f .data.f
`)
	if err != nil {
		t.Fatal(err)
	}
	in.Groups[0].Members = []elfobj.SectionIndex{1, 2, 3}
	out, err := Link([]*elfobj.Object{in}, Options{Name: "out.o", Groups: GroupKeep})
	if err == nil {
		out, err = throughBytes(out)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(out.Groups[0].Members); got != "[1 2]" || len(out.Sections) != 3 {
		t.Errorf("members %s of %d sections", got, len(out.Sections)-1)
	}
	for _, s := range out.Sections[1:] {
		if s.Flags&elf.SHF_GROUP == 0 {
			t.Errorf("%s is no member", s.Name)
		}
	}
}

// TestManyGroups has an object with tens of thousands of groups, which once took
// quadratic time.
func TestManyGroups(t *testing.T) {
	const n = 30000
	in := functions(t, "a.o", 0, n)
	for i := 1; i <= n; i++ {
		in.Sections[i].Flags |= elf.SHF_GROUP
		in.Groups = append(in.Groups, elfobj.Group{Name: ".group", Flags: elfobj.GroupComdat, Signature: i, Members: []elfobj.SectionIndex{elfobj.SectionIndex(i)}})
	}
	out, err := Link([]*elfobj.Object{in}, Options{Name: "out.o", Groups: GroupKeep})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Groups) != n || len(out.Sections) != n+1 {
		t.Errorf("%d groups, %d sections", len(out.Groups), len(out.Sections)-1)
	}
}
