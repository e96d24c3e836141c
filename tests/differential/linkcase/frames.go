// SPDX-License-Identifier: Apache-2.0

package linkcase

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Frames returns assembly sources of two to four objects with call frame information, for an assembler that makes stack trace sections of it. Some of
// their functions are in COMDAT groups.
func Frames(seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 0x736672616d65))
	var sources []string
	for object := range 2 + r.IntN(3) {
		var b strings.Builder
		for i := range 1 + r.IntN(4) {
			frame(&b, r, fmt.Sprintf("f_%d_%d", object, i), fmt.Sprintf(".section .text.f_%d_%d, \"ax\"", object, i))
		}
		for _, group := range []string{"inline_a", "inline_b"} {
			if chance(r, 2) {
				// The same code in all objects.
				frame(&b, rand.New(rand.NewPCG(seed, uint64(len(group)))), group, fmt.Sprintf(".section .text.%s, \"axG\", %%progbits, %[1]s, comdat", group))
			}
		}
		sources = append(sources, b.String())
	}
	return sources
}

// frame writes a function that saves registers and returns, perhaps after a few other instructions.
func frame(b *strings.Builder, r *rand.Rand, name, section string) {
	size := 16 * (1 + r.IntN(8))
	fmt.Fprintf(b, "\t%s\n\t.weak %s\n\t.type %[2]s, %%function\n%[2]s:\n\t.cfi_startproc\n", section, name)
	b.WriteString(strings.Repeat("\tnop\n", r.IntN(3)))
	fmt.Fprintf(b, "\tstp x29, x30, [sp, -%d]!\n\t.cfi_def_cfa_offset %[1]d\n\t.cfi_offset 29, -%[1]d\n\t.cfi_offset 30, -%d\n", size, size-8)
	b.WriteString(strings.Repeat("\tnop\n", r.IntN(40)))
	fmt.Fprintf(b, "\tldp x29, x30, [sp], %d\n\t.cfi_restore 29\n\t.cfi_restore 30\n\t.cfi_def_cfa_offset 0\n\tret\n\t.cfi_endproc\n\t.size %s, . - %[2]s\n", size, name)
}
