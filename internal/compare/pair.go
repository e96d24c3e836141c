// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
)

// none means no counterpart.
const none = -1

// pairs maps units and sections to their counterparts in the other object.
type pairs struct {
	toB []int32 // by unit of a
	toA []int32 // by unit of b
	// Sections with the same name are paired in order; 0 means none.
	secsToB, secsToA []elfobj.SectionIndex
}

// pairUnits finds the counterpart of each unit. It tries the best matches first:
// units with the same name and source in the same section; then in any section;
// then with the same name, if it is unique; then with an alias of the same name;
// and last with the same name apart from the number that compilers append to
// local names.
func (c *comparison) pairUnits() {
	a, b := c.a, c.b
	p := &c.pairs
	p.toB, p.toA = filled(len(a.units)), filled(len(b.units))
	p.secsToB, p.secsToA = make([]elfobj.SectionIndex, len(a.secs)), make([]elfobj.SectionIndex, len(b.secs))
	byName := map[secKey]elfobj.SectionIndex{}
	for i, sv := range b.secs {
		if sv != nil {
			byName[secKey{sv.s.Name, sv.sequence}] = elfobj.SectionIndex(i)
		}
	}
	for i, sv := range a.secs {
		if sv == nil {
			continue
		}
		if j, ok := byName[secKey{sv.s.Name, sv.sequence}]; ok {
			p.secsToB[i], p.secsToA[j] = j, elfobj.SectionIndex(i)
		}
	}
	for _, k := range []func(*view, *unit) (unitKey, bool){keySection, keyAnywhere, keyName} {
		c.pairBy(k)
	}
	c.pairAliases()
	c.pairBy(keyBase)
}

// pairAliases pairs units that have several symbols by any of these.
func (c *comparison) pairAliases() {
	names := map[string]int32{} // of global symbols at the starts of units of b
	each := func(v *view, paired []int32, f func(name string, unit int32)) {
		for i := range v.o.Symbols {
			s := &v.o.Symbols[i]
			if s.Section <= 0 || s.IsLocal() || !v.secs[s.Section].s.IsAlloc() || strings.HasPrefix(v.name(s), hyprel.SymbolPrefix) {
				continue
			}
			if n := v.unitAt(s.Section, s.Value); n >= 0 && paired[n] == none && v.units[n].start == s.Value {
				f(v.name(s), int32(n))
			}
		}
	}
	each(c.b, c.pairs.toA, func(name string, j int32) { names[name] = j })
	if len(names) == 0 {
		return
	}
	each(c.a, c.pairs.toB, func(name string, i int32) {
		if j, ok := names[name]; ok && c.pairs.toB[i] == none && c.pairs.toA[j] == none {
			c.pairs.toB[i], c.pairs.toA[j] = j, i
		}
	})
}

type secKey struct {
	name     string
	sequence int
}

func filled(n int) []int32 {
	s := make([]int32, n)
	for i := range s {
		s[i] = none
	}
	return s
}

// unitKey identifies a unit. The functions below that make one report whether
// the unit has such a key.
type unitKey struct {
	section, name, stem string
	sequence            int
	unique              bool // pair only if each object has one such unit
}

func keySection(v *view, u *unit) (unitKey, bool) {
	sv := v.secs[u.sec]
	return unitKey{section: sv.s.Name, sequence: sv.sequence, name: v.unitName(u), stem: v.stem(u)}, true
}

func keyAnywhere(v *view, u *unit) (unitKey, bool) {
	if u.symbol == 0 {
		return unitKey{}, false
	}
	return unitKey{name: v.unitName(u), stem: v.stem(u), section: "*"}, true
}

func keyName(v *view, u *unit) (unitKey, bool) {
	if u.symbol == 0 {
		// Data without a symbol; its input may be known in one object only.
		return unitKey{section: v.secs[u.sec].s.Name, unique: true}, true
	}
	return unitKey{name: v.unitName(u), unique: true}, true
}

func keyBase(v *view, u *unit) (unitKey, bool) {
	name := v.unitName(u)
	base := strings.TrimRight(name, "0123456789")
	if u.symbol == 0 || base == name || !strings.HasSuffix(base, ".") {
		return unitKey{}, false
	}
	return unitKey{name: base, stem: v.stem(u), unique: true}, true
}

// unitName returns the name of a unit's symbol without the prefix.
func (v *view) unitName(u *unit) string {
	if u.symbol == 0 {
		return ""
	}
	return v.name(&v.o.Symbols[u.symbol])
}

// pairBy pairs units that have equal keys and no counterpart yet, in order.
func (c *comparison) pairBy(key func(*view, *unit) (unitKey, bool)) {
	unpaired := map[unitKey][]int32{}
	for i := range c.b.units {
		if c.pairs.toA[i] == none {
			if k, ok := key(c.b, &c.b.units[i]); ok {
				unpaired[k] = append(unpaired[k], int32(i))
			}
		}
	}
	if len(unpaired) == 0 {
		return
	}
	count := map[unitKey]int{}
	for i := range c.a.units {
		if c.pairs.toB[i] == none {
			if k, ok := key(c.a, &c.a.units[i]); ok && k.unique {
				count[k]++
			}
		}
	}
	for i := range c.a.units {
		if c.pairs.toB[i] != none {
			continue
		}
		k, ok := key(c.a, &c.a.units[i])
		list := unpaired[k]
		if !ok || len(list) == 0 || k.unique && (len(list) > 1 || count[k] > 1) {
			continue
		}
		c.pairs.toB[i], c.pairs.toA[list[0]] = list[0], int32(i)
		unpaired[k] = list[1:]
	}
}
