// SPDX-License-Identifier: Apache-2.0

package inputs

import (
	"debug/elf"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// newObject makes an object that defines and references symbols. A definition is a
// function, unless the name says otherwise after a colon.
func newObject(name string, defines, references []string) *elfobj.Object {
	o := &elfobj.Object{Name: name}
	for _, s := range defines {
		s, kind, _ := strings.Cut(s, ":")
		sym := elfobj.Symbol{Name: s, Section: elfobj.Absolute, Info: elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_FUNC)}
		switch kind {
		case "ifunc":
			sym.Info = elfobj.SymInfo(elf.STB_GLOBAL, elfobj.STTGNUIfunc)
		case "data":
			sym.Info = elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_OBJECT)
		case "untyped":
			sym.Info = elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_NOTYPE)
		case "unique":
			sym.Info = elfobj.SymInfo(elfobj.STBGNUUnique, elf.STT_OBJECT)
		case "weak":
			sym.Info = elfobj.SymInfo(elf.STB_WEAK, elf.STT_OBJECT)
		case "common":
			sym.Section, sym.Info = elfobj.Common, elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_OBJECT)
		}
		o.AddSymbol(sym)
	}
	for _, s := range references {
		s, kind, _ := strings.Cut(s, ":")
		binding := elf.STB_GLOBAL
		if kind == "weak" {
			binding = elf.STB_WEAK
		}
		o.AddSymbol(elfobj.Symbol{Name: s, Info: elfobj.SymInfo(binding, elf.STT_NOTYPE)})
	}
	return o
}

// kinds are what random definitions are.
var kinds = []string{":data", ":untyped", ":weak", ":common", ":common", "", ""}

// randomObject makes an object whose names are of the first n.
func randomObject(random *rand.Rand, name string, n int) *elfobj.Object {
	var defines, references []string
	for range random.IntN(4) {
		defines = append(defines, fmt.Sprintf("s%d%s", random.IntN(n), kinds[random.IntN(len(kinds))]))
	}
	for range random.IntN(4) {
		references = append(references, fmt.Sprintf("s%d", random.IntN(n)))
	}
	return newObject(name, defines, references)
}

// asked reports whether an object has a definition that the objects before it ask
// for, by the rules of GNU ld.
func asked(o *elfobj.Object, before []*elfobj.Object) bool {
	for i := range o.Symbols {
		d := &o.Symbols[i]
		if d.Name == "" || d.IsUndefined() {
			continue
		}
		var references, strong, weak, common bool
		for _, b := range before {
			for k := range b.Symbols {
				switch s := &b.Symbols[k]; {
				case s.Name != d.Name:
				case s.IsUndefined():
					references = true
				case s.Section == elfobj.Common:
					common = true
				case s.Binding() == elf.STB_WEAK:
					weak = true
				default:
					strong = true
				}
			}
		}
		switch {
		case strong:
		case common:
			if d.Section != elfobj.Common && d.Binding() != elf.STB_WEAK && d.Type() != elf.STT_FUNC {
				return true
			}
		case !weak && references:
			return true
		}
	}
	return false
}

// Members of random archives are extracted in the same order as by searching from
// start to end until a round finds no more.
func TestRounds(t *testing.T) {
	for seed := range uint64(4000) {
		random := rand.New(rand.NewPCG(seed, 1))
		start := randomObject(random, "start", 12)
		var members []*elfobj.Object
		for i := range random.IntN(12) {
			members = append(members, randomObject(random, fmt.Sprint(i), 12))
		}
		want := []*elfobj.Object{start}
		for again := true; again; {
			again = false
			for _, m := range members {
				if !slices.Contains(want, m) && asked(m, want) {
					want, again = append(want, m), true
				}
			}
		}
		r := newResolver()
		r.add(start, nil)
		if got := r.extractMembers([]*elfobj.Object{start}, &operand{archive: true, objects: members}); !slices.Equal(got, want) {
			t.Fatalf("seed %d: %s, want %s", seed, objectNames(got), objectNames(want))
		}
	}
}

// In a group, archives are searched one after another until a round over all of
// them finds nothing; objects are linked once, where they are. Without a group each
// archive is searched once.
func TestGroups(t *testing.T) {
	for seed := range uint64(4000) {
		random := rand.New(rand.NewPCG(seed, 2))
		group := random.IntN(2)
		var ins []Input
		var operands []operand
		for i := range 1 + random.IntN(4) {
			o := operand{archive: random.IntN(4) > 0}
			for j := range 1 + random.IntN(6) {
				o.objects = append(o.objects, randomObject(random, fmt.Sprintf("%d.%d", i, j), 16))
				if !o.archive {
					break
				}
			}
			ins, operands = append(ins, Input{Group: group, Whole: random.IntN(6) == 0}), append(operands, o)
		}
		start := randomObject(random, "start", 16)
		want := []*elfobj.Object{start}
		for again := true; again; {
			again = false
			for i, o := range operands {
				for more := true; more; {
					more = false
					for _, m := range o.objects {
						if !slices.Contains(want, m) && (!o.archive || ins[i].Whole || asked(m, want)) {
							want, more, again = append(want, m), true, group != 0
						}
					}
				}
			}
		}
		r := newResolver()
		r.add(start, nil)
		got := []*elfobj.Object{start}
		if group != 0 {
			got = r.addGroup(got, ins, operands, true)
		} else {
			for i := range ins {
				got = r.addGroup(got, ins[i:i+1], operands[i:i+1], true)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d, group %d: %s, want %s", seed, group, objectNames(got), objectNames(want))
		}
	}
}

// What GNU ld 2.47 takes out of an archive, by what the objects before it and the
// member say of one name.
func TestCommonFromArchive(t *testing.T) {
	for _, tt := range []struct {
		name      string
		objects   []string // definitions, or an undefined symbol
		member    string
		extracted bool
	}{
		{"common-initialised", []string{":common"}, ":data", true},
		{"common-untyped", []string{":common"}, ":untyped", true},
		{"common-unique", []string{":common"}, ":unique", true},
		{"common-function", []string{":common"}, "", false},
		{"common-ifunc", []string{":common"}, ":ifunc", false},
		{"common-weak", []string{":common"}, ":weak", false},
		{"common-common", []string{":common"}, ":common", false},
		{"undefined-common", []string{"undefined"}, ":common", true},
		{"undefined-weak", []string{"undefined"}, ":weak", true},
		{"weak-initialised", []string{":weak"}, ":data", false},
		{"weak-then-common", []string{":weak", ":common"}, ":data", true},
		{"common-then-weak", []string{":common", ":weak"}, ":data", true},
		{"common-then-defined", []string{":common", ":data"}, ":data", false},
		{"undefined-then-common", []string{"undefined", ":common"}, ":data", true},
		{"weakly-undefined", []string{"undefined:weak"}, ":data", false},
	} {
		r := newResolver()
		for _, kind := range tt.objects {
			o := newObject("a.o", []string{"counter" + kind}, nil)
			if kind, ok := strings.CutPrefix(kind, "undefined"); ok {
				o = newObject("a.o", nil, []string{"counter" + kind})
			}
			r.add(o, nil)
		}
		o := &operand{archive: true, objects: []*elfobj.Object{newObject("m.o", []string{"counter" + tt.member}, nil)}}
		if got := r.extractMembers(nil, o); len(got) > 0 != tt.extracted {
			t.Errorf("%s: extracted is %v, want %v", tt.name, len(got) > 0, tt.extracted)
		}
	}
}

func objectNames(objects []*elfobj.Object) (names []string) {
	for _, o := range objects {
		names = append(names, o.Name)
	}
	return names
}

// If each member references the one before it, each takes a round. Searching
// 200,000 members that often would take hours.
func TestBackwards(t *testing.T) {
	const n = 200_000
	members := make([]*elfobj.Object, n)
	for i := range members {
		members[i] = newObject("m", []string{fmt.Sprint(i)}, []string{fmt.Sprint(i - 1)})
	}
	r := newResolver()
	r.add(newObject("start", nil, []string{fmt.Sprint(n - 1)}), nil)
	got := r.extractMembers(nil, &operand{archive: true, objects: members})
	slices.Reverse(got)
	if !slices.Equal(got, members) {
		t.Errorf("%d members of %d", len(got), n)
	}
}

// A member whose common symbols are wanted in vain is not looked at again for each
// of them: that would take hours for 100,000.
func TestManyCommons(t *testing.T) {
	const n = 100_000
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("c%d:common", i))
	}
	r := newResolver()
	r.add(newObject("start", names, nil), nil)
	if got := r.extractMembers(nil, &operand{archive: true, objects: []*elfobj.Object{newObject("m", names, nil)}}); len(got) != 0 {
		t.Errorf("extracted %s", objectNames(got))
	}
}
