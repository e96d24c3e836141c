// SPDX-License-Identifier: Apache-2.0

// Package linkcase generates random but valid links from a seed: objects of all
// kinds and linker scripts for them. The same seed gives the same case.
package linkcase

import (
	"math/rand/v2"

	"github.com/rules-hyp/rules_hyp/tests/elfbuild"
)

// Case is one link.
type Case struct {
	Seed   uint64
	Inputs []Input
	// Script is a linker script, or empty.
	Script string
	// Prefix is a symbol prefix, or empty.
	Prefix string
	// KeepGroups keeps section groups; otherwise the first group of each
	// signature is flattened.
	KeepGroups bool
	// Plain says that lld must link the case with the same layout: no section
	// groups, which it binds to output sections, no common symbols, for which it
	// allocates space although they stay common, no mergeable sections, which
	// keep their flags when a script combines them with others, and no padding,
	// which it fills differently.
	Plain bool
}

// Input is one object: C, assembly or raw.
type Input struct {
	C, Asm string         `json:",omitempty"`
	Flags  []string       `json:",omitempty"` // for the compiler
	Raw    *elfbuild.File `json:",omitempty"`
}

// names are the global symbols of a case, which its objects share.
type names struct {
	r         *rand.Rand
	plain     bool
	defined   []string // defined in one object
	weak      []string // defined in any number of objects
	undefined []string // not defined
	groups    []string // group signatures
}

// Generate returns the case of a seed.
func Generate(seed uint64) *Case {
	r := rand.New(rand.NewPCG(seed, 0x68797065726c696e))
	c := &Case{Seed: seed, KeepGroups: r.IntN(4) == 0}
	if r.IntN(3) > 0 {
		c.Prefix = "__test_"
	}
	c.Plain = chance(r, 4)
	n := &names{r: r, plain: c.Plain, weak: []string{"weak_a", "weak_b"}, undefined: []string{"host_call", "host_word", "host_table"}, groups: []string{"inline_a", "inline_b"}}
	inputs := 1 + r.IntN(4)
	for i := range inputs {
		switch k := r.IntN(10); {
		case k < 6:
			c.Inputs = append(c.Inputs, Input{Raw: raw(n, i)})
		case k < 9:
			c.Inputs = append(c.Inputs, Input{Asm: assembly(n, i)})
		default:
			in := Input{C: program(n, i), Flags: flags(r)}
			if c.Plain {
				in.Flags = append(in.Flags, "-fno-align-functions", "-fno-align-jumps", "-fno-align-loops", "-fno-align-labels")
			}
			c.Inputs = append(c.Inputs, in)
		}
	}
	// mold links plain cases without a script.
	if r.IntN(6) > 0 && !(c.Plain && chance(r, 4)) {
		c.Script = script(r, c.Plain)
	}
	return c
}

// pick returns a random argument.
func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// chance returns true with a probability of 1/n.
func chance(r *rand.Rand, n int) bool { return r.IntN(n) == 0 }
