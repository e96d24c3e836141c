// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// attributeCase is a merge of sets, which are written in hexadecimal: those of
// inputs 0.o, 1.o and so on.
type attributeCase struct {
	name string
	sets []string
	want string
	bad  []string // set+offset: what, with "warning: " before a warning's
}

// run merges the sets with a machine, as part of an output with some properties.
func (c *attributeCase) run(t *testing.T, m *Machine, bigEndian, everywhere bool, property func(uint32) []byte) {
	t.Helper()
	in := AttributeMerge{Everywhere: everywhere, Property: property}
	for i, s := range c.sets {
		in.Sets = append(in.Sets, AttributeSet{Input: fmt.Sprintf("%d.o", i), Data: unhex(t, s), BigEndian: bigEndian})
	}
	merged, errs := m.MergeAttributes(in)
	var bad []string
	failed := false
	for _, e := range errs {
		text := fmt.Sprintf("%d%+d: %s", e.Set, e.Offset, e.What)
		if e.Warning {
			text = "warning: " + text
		}
		failed = failed || !e.Warning
		bad = append(bad, text)
	}
	want := hex.EncodeToString(unhex(t, c.want))
	if !slices.Equal(bad, c.bad) || !failed && hex.EncodeToString(merged) != want {
		t.Errorf("%s: got %x, %q, want %s, %q", c.name, merged, bad, want, c.bad)
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestIsAttributes(t *testing.T) {
	for m, want := range map[*Machine]bool{aarch64: true, x86_64: false, riscv64: true} {
		if m.IsAttributes(0x70000003) != want || m.IsAttributes(0) || m.IsAttributes(1) {
			t.Errorf("%s: wrong section type", m.Name)
		}
		if (m.mergeAttributes != nil) != want {
			t.Errorf("%s: attributes %v, but a function that merges them %v", m.Name, want, !want)
		}
	}
}

// FuzzMergeAttributes merges two sets of anything. What comes out is a set that
// says the same when it is merged once more.
func FuzzMergeAttributes(f *testing.F) {
	for _, s := range []string{withM, withC, withBoth, "41" + btiPacGcs, "41" + pauth25 + private, "41" + farTags + required} {
		for _, other := range []string{withC, "41" + btiNoPac} {
			a, _ := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
			b, _ := hex.DecodeString(strings.ReplaceAll(other, " ", ""))
			f.Add(a, b, false)
			f.Add(a, b, true)
		}
	}
	f.Fuzz(func(t *testing.T, a, b []byte, bigEndian bool) {
		for _, m := range []*Machine{aarch64, riscv64} {
			values := map[uint32][]byte{}
			merge := func(sets ...[]byte) (merged []byte, failed bool) {
				in := AttributeMerge{Everywhere: true, Property: func(typ uint32) []byte { return values[typ] }}
				for i, d := range sets {
					s := AttributeSet{Input: fmt.Sprintf("%d.o", i), Data: d, BigEndian: bigEndian}
					in.Sets = append(in.Sets, s)
					props, _ := m.AttributeProperties(s)
					for _, p := range props {
						values[p.Type] = p.Value
					}
				}
				merged, bad := m.MergeAttributes(in)
				return merged, slices.ContainsFunc(bad, func(e AttributeError) bool { return !e.Warning })
			}
			merged, failed := merge(a, b)
			if failed || len(merged) == 0 {
				continue
			}
			clear(values)
			if again, failed := merge(merged, merged); failed || !slices.Equal(again, merged) {
				t.Errorf("%s: merged % x, once more % x", m.Name, merged, again)
			}
		}
	})
}
