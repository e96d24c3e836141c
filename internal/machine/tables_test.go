// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"slices"
	"testing"
)

// TestRelocationTables checks each line of the relocation tables.
func TestRelocationTables(t *testing.T) {
	for _, m := range machines {
		names := map[string]bool{}
		for i, r := range m.relocs {
			number, name := uint32(r.number), m.RelocName(uint32(r.number))
			if i > 0 && r.number <= m.relocs[i-1].number {
				t.Errorf("%s: %d comes after %d", name, r.number, m.relocs[i-1].number)
			}
			if names[r.name] {
				t.Errorf("duplicate %s", name)
			}
			names[r.name] = true
			for _, n := range []string{r.name, name} {
				if got, ok := m.RelocNumber(n); !ok || got != number {
					t.Errorf("%s is %d, want %d", n, got, number)
				}
			}
			if r.kind == KindUnknown || int(r.kind) >= len(kindNames) || kindNames[r.kind] == "" || m.RelocKind(number) != r.kind {
				t.Errorf("%s has kind %d, which has no name", name, r.kind)
			}
			if !m.Fields().Of(number).Known() || !slices.Contains([]uint64{0, 1, 2, 4, 8, 16}, m.RelocField(number)) {
				t.Errorf("%s has a field of %d bytes", name, m.RelocField(number))
			}
			checkReach(t, m, r)
		}
		last := uint32(m.relocs[len(m.relocs)-1].number)
		if m.Fields().Of(last+1).Known() || m.RelocKind(last+1) != KindUnknown || m.RelocField(last+1) != 0 {
			t.Errorf("%s has a relocation after its last one", m.Name)
		}
		if _, ok := m.RelocNumber("NO_SUCH"); ok {
			t.Errorf("%s has a relocation NO_SUCH", m.Name)
		}
	}
}

// checkReach checks that a branch has a range, and that the range fits the field.
func checkReach(t *testing.T, m *Machine, r relocation) {
	t.Helper()
	reach, ok := m.Reach(uint32(r.number))
	if !ok {
		if r.kind == KindBranch {
			t.Errorf("%s: a branch without a range", m.RelocName(uint32(r.number)))
		}
		return
	}
	limit := int64(1) << min(8*m.RelocField(uint32(r.number))-1, 62)
	if reach.Unit < 1 || reach.Back%reach.Unit != 0 || reach.Forward <= 0 || reach.Forward >= reach.Back || reach.Back > limit*reach.Unit {
		t.Errorf("%s reaches %+v in a field of %d bytes", m.RelocName(uint32(r.number)), reach, m.RelocField(uint32(r.number)))
	}
}

// TestNamedRelocations checks the relocations in fields of Machine.
func TestNamedRelocations(t *testing.T) {
	for _, m := range machines {
		if m.RelocKind(m.None) != KindNone || m.RelocField(m.None) != 0 {
			t.Errorf("%s: None is %s", m.Name, m.RelocName(m.None))
		}
		if m.RelocKind(m.Prel32) != KindRelative || m.RelocField(m.Prel32) != 4 {
			t.Errorf("%s: Prel32 is %s", m.Name, m.RelocName(m.Prel32))
		}
		if (m.Abs64 == 0) != (m.Prel64 == 0) {
			t.Errorf("%s: only one of %s and %s", m.Name, m.RelocName(m.Abs64), m.RelocName(m.Prel64))
		}
		if m.Abs64 != 0 && (!m.IsAddress(m.Abs64) || m.RelocField(m.Abs64) != 8 || m.RelocKind(m.Prel64) != KindRelative || m.RelocField(m.Prel64) != 8) {
			t.Errorf("%s: Abs64 is %s, Prel64 is %s", m.Name, m.RelocName(m.Abs64), m.RelocName(m.Prel64))
		}
		if (m.Relax == 0) != (m.Align == 0) {
			t.Errorf("%s: only one of %s and %s", m.Name, m.RelocName(m.Relax), m.RelocName(m.Align))
		}
		for _, marker := range []uint32{m.Relax, m.Align} {
			if marker != 0 && (m.RelocKind(marker) != KindPair || m.RelocField(marker) != 0) {
				t.Errorf("%s: %s is not a marker", m.Name, m.RelocName(marker))
			}
		}
		listed := 0
		for _, r := range m.relocs {
			if rule := m.HypRule(uint32(r.number)); rule == HypListed {
				listed++
				if r.kind != KindAbsolute || m.RelocField(uint32(r.number)) != 8 {
					t.Errorf("%s: .hyp.reloc lists %s", m.Name, r.name)
				}
			}
		}
		if m.HypRelocations != (listed == 1) {
			t.Errorf("%s: hyp relocations %v, but .hyp.reloc lists %d types", m.Name, m.HypRelocations, listed)
		}
	}
}

// TestPropertyTables checks that ranges are sorted, and that those of processors
// are in the range that the gABI reserves for them.
func TestPropertyTables(t *testing.T) {
	for _, m := range machines {
		end := uint32(0xc0000000 - 1) // GNU_PROPERTY_LOPROC
		for _, r := range m.properties {
			if r.low <= end || r.high < r.low || r.high > 0xdfffffff || r.rule == PropertyUnknown {
				t.Errorf("%s: %#x to %#x with rule %d", m.Name, r.low, r.high, r.rule)
			}
			end = r.high
		}
		if p := m.Protection; p != (Protection{}) && (m.PropertyRule(p.Property) != PropertyAnd || p.BTI == 0 || p.PAC == 0 || p.BTI&p.PAC != 0) {
			t.Errorf("%s: protection %+v", m.Name, p)
		}
		for typ, want := range map[uint32]PropertyRule{
			0: PropertyUnknown, 1: PropertyMax, 2: PropertyAny, 3: PropertyFinal, 4: PropertyUnknown, 0xafffffff: PropertyUnknown, 0xb0000000: PropertyAnd, 0xb0007fff: PropertyAnd, 0xb0008000: PropertyOr, 0xb000ffff: PropertyOr,
			0xb0010000: PropertyUnknown, 0xe0000000: PropertyUnknown,
		} {
			if got := m.PropertyRule(typ); got != want {
				t.Errorf("%s: property %#x has rule %d, want %d", m.Name, typ, got, want)
			}
		}
	}
	for _, tt := range []struct {
		typ                      uint32
		aarch64, x86_64, riscv64 PropertyRule
	}{
		{0xc0000000, PropertyAnd, PropertyOrAnd, PropertyAnd},
		{0xc0000001, PropertySame, PropertyOr, PropertyUnknown},
		{0xc0000002, PropertyUnknown, PropertyAnd, PropertyUnknown},
		{0xc0007fff, PropertyUnknown, PropertyAnd, PropertyUnknown},
		{0xc0008000, PropertyUnknown, PropertyOr, PropertyUnknown},
		{0xc0010000, PropertyUnknown, PropertyOrAnd, PropertyUnknown},
		{0xc0018000, PropertyUnknown, PropertyUnknown, PropertyUnknown},
	} {
		got := []PropertyRule{aarch64.PropertyRule(tt.typ), x86_64.PropertyRule(tt.typ), riscv64.PropertyRule(tt.typ)}
		if want := []PropertyRule{tt.aarch64, tt.x86_64, tt.riscv64}; !slices.Equal(got, want) {
			t.Errorf("property %#x: rules %d, want %d", tt.typ, got, want)
		}
	}
}

func TestPropertyNames(t *testing.T) {
	for typ, want := range map[uint32]string{1: "GNU_PROPERTY_STACK_SIZE", 0xc0000000: "GNU_PROPERTY_AARCH64_FEATURE_1_AND", 0xb0000000: "property type 0xb0000000", 4: "property type 0x4"} {
		if got := aarch64.PropertyName(typ); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestPropertyRules expects a size for each rule.
func TestPropertyRules(t *testing.T) {
	for rule := PropertyUnknown; rule <= PropertySame; rule++ {
		if size := rule.Size(); size < 0 != (rule == PropertyUnknown) || size > 16 {
			t.Errorf("rule %d is for %d bytes", rule, size)
		}
	}
}

// TestNops expects what fills gaps to be instructions without a distance.
func TestNops(t *testing.T) {
	for _, m := range machines {
		c := &m.Code
		for _, nop := range [][]byte{c.Nop, m.CodeFill(0), m.CodeFill(1)} {
			in := c.Decode(nop, 0)
			if in.Size != len(nop) || in.Size%c.Unit != 0 || in.Bad || in.Mask != nil || c.isPadding != nil && !c.IsPadding(nop) {
				t.Errorf("%s: % x is %+v", m.Name, nop, in)
			}
		}
		if c.Fixed && (c.Unit != 4 || len(c.Nop) != 4) {
			t.Errorf("%s: fixed instruction size of %d bytes", m.Name, c.Unit)
		}
	}
}
