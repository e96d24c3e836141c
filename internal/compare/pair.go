package compare

import (
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// none says that there is no counterpart.
const none = -1

// pairs tells which unit of one object is which of the other.
type pairs struct {
	toB []int32 // by unit of a
	toA []int32 // by unit of b
	// secs pairs sections of one name, in order.
	secsToB, secsToA []elfobj.SectionIndex
}

// pairUnits finds the counterpart of each unit. What is most alike is tried
// first: name and source in the section of that name; then name and source
// anywhere, as what moves to another section keeps them; then the name alone,
// when it is the only one; and last the name without the number that compilers
// put behind local names.
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

// pairAliases pairs units that have several names, of which another one is
// the unit's symbol in the other object.
func (c *comparison) pairAliases() {
	names := map[string]int32{} // of global symbols at the starts of units of b
	each := func(v *view, paired []int32, f func(name string, unit int32)) {
		for i := range v.o.Symbols {
			s := &v.o.Symbols[i]
			if s.Section <= 0 || s.IsLocal() || !v.secs[s.Section].s.IsAlloc() || strings.HasPrefix(v.name(s), startSymbol) {
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

// unitKey identifies a unit. A function that makes one says whether the unit has
// a key of that kind.
type unitKey struct {
	section, name, stem string
	sequence            int
	unique              bool // pair only when there is one on each side
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
		// Data without a symbol, of inputs that are known on one side only.
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

// unitName is the name of a unit's symbol, without the prefix.
func (v *view) unitName(u *unit) string {
	if u.symbol == 0 {
		return ""
	}
	return v.name(&v.o.Symbols[u.symbol])
}

// pairBy pairs units of equal keys that have no counterpart yet, in order.
func (c *comparison) pairBy(key func(*view, *unit) (unitKey, bool)) {
	waiting := map[unitKey][]int32{}
	for i := range c.b.units {
		if c.pairs.toA[i] == none {
			if k, ok := key(c.b, &c.b.units[i]); ok {
				waiting[k] = append(waiting[k], int32(i))
			}
		}
	}
	if len(waiting) == 0 {
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
		list := waiting[k]
		if !ok || len(list) == 0 || k.unique && (len(list) > 1 || count[k] > 1) {
			continue
		}
		c.pairs.toB[i], c.pairs.toA[list[0]] = list[0], int32(i)
		waiting[k] = list[1:]
	}
}
