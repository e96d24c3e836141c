// SPDX-License-Identifier: Apache-2.0

package inputs

import (
	"debug/elf"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// newObject makes an object that defines and references symbols.
func newObject(name string, defines, references []string) *elfobj.Object {
	o := &elfobj.Object{Name: name}
	for _, s := range defines {
		o.AddSymbol(elfobj.Symbol{Name: s, Section: elfobj.Absolute, Info: elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_FUNC)})
	}
	for _, s := range references {
		o.AddSymbol(elfobj.Symbol{Name: s, Info: elfobj.SymInfo(elf.STB_GLOBAL, elf.STT_NOTYPE)})
	}
	return o
}

// searchRepeatedly is the plain algorithm for extractMembers: it searches the
// archive from start to end until it finds no more members.
func searchRepeatedly(r *resolver, members []*elfobj.Object) (extracted []*elfobj.Object) {
	for again := true; again; {
		again = false
		for _, m := range members {
			if !slices.Contains(extracted, m) && r.resolves(m) {
				extracted, again = append(extracted, m), true
				r.add(m, nil)
			}
		}
	}
	return extracted
}

// Members of random archives are extracted in the same order as by searching.
func TestRounds(t *testing.T) {
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 1))
		names := func() (list []string) {
			for range random.IntN(4) {
				list = append(list, fmt.Sprintf("s%d", random.IntN(12)))
			}
			return list
		}
		start := newObject("start", names(), names())
		var members []*elfobj.Object
		for i := range random.IntN(12) {
			members = append(members, newObject(fmt.Sprint(i), names(), names()))
		}
		resolvers := make([]*resolver, 2)
		for i := range resolvers {
			resolvers[i] = &resolver{defined: map[string]bool{}, undefined: map[string]bool{}}
			resolvers[i].add(start, nil)
		}
		want, got := searchRepeatedly(resolvers[0], members), resolvers[1].extractMembers(nil, &operand{archive: true, objects: members})
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d members, want %d", seed, len(got), len(want))
		}
	}
}

// In a group, archives are searched one after another until a round over all of
// them finds nothing; objects are linked once, where they are. Without a group each
// archive is searched once.
func TestGroups(t *testing.T) {
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 2))
		names := func() (list []string) {
			for range random.IntN(4) {
				list = append(list, fmt.Sprintf("s%d", random.IntN(16)))
			}
			return list
		}
		group := random.IntN(2)
		var ins []Input
		var operands []operand
		for i := range 1 + random.IntN(4) {
			o := operand{archive: random.IntN(4) > 0}
			for j := range 1 + random.IntN(6) {
				o.objects = append(o.objects, newObject(fmt.Sprintf("%d.%d", i, j), names(), names()))
				if !o.archive {
					break
				}
			}
			ins, operands = append(ins, Input{Group: group, Whole: random.IntN(6) == 0}), append(operands, o)
		}
		start := newObject("start", names(), names())
		resolvers := make([]*resolver, 2)
		for i := range resolvers {
			resolvers[i] = &resolver{defined: map[string]bool{}, undefined: map[string]bool{}}
			resolvers[i].add(start, nil)
		}
		var want []*elfobj.Object
		for again := true; again; {
			again = false
			for i, o := range operands {
				for more := true; more; {
					more = false
					for _, m := range o.objects {
						if !slices.Contains(want, m) && (!o.archive || ins[i].Whole || resolvers[0].resolves(m)) {
							want, more, again = append(want, m), true, group != 0
							resolvers[0].add(m, nil)
						}
					}
				}
			}
		}
		var got []*elfobj.Object
		if group != 0 {
			got = resolvers[1].addGroup(got, ins, operands, true)
		} else {
			for i := range ins {
				got = resolvers[1].addGroup(got, ins[i:i+1], operands[i:i+1], true)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d, group %d: %s, want %s", seed, group, objectNames(got), objectNames(want))
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
	r := &resolver{defined: map[string]bool{}, undefined: map[string]bool{fmt.Sprint(n - 1): true}}
	got := r.extractMembers(nil, &operand{archive: true, objects: members})
	slices.Reverse(got)
	if !slices.Equal(got, members) {
		t.Errorf("%d members of %d", len(got), n)
	}
}
