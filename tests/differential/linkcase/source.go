// SPDX-License-Identifier: Apache-2.0

package linkcase

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
)

// blocks are snippets of assembly. %[1]d is the number of the object, %[2]d that of
// the block, %[3]s another symbol.
var blocks = []string{
	"\t.section .text.a%[2]d, \"ax\"\n\t.globl asm_%[1]d_%[2]d\n\t.type asm_%[1]d_%[2]d, %%function\nasm_%[1]d_%[2]d:\n\tbl %[3]s\n\tcbz x0, 1f\n\tadrp x1, %[3]s\n\tadd x1, x1, :lo12:%[3]s\n1:\tret\n\t.size asm_%[1]d_%[2]d, . - asm_%[1]d_%[2]d\n",
	"\t.text\nlocal%[2]d:\n\tb %[3]s\n\t.balign 16\n\tldr x0, =0x123456789abcdef0\n\tldr x1, =%[3]s\n\tret\n\t.ltorg\n",
	"\t.data\n\t.balign 8\n\t.globl asm_data_%[1]d_%[2]d\nasm_data_%[1]d_%[2]d:\n\t.quad %[3]s + 8\n\t.quad . - 4\n\t.word %[3]s - .\n\t.word 7\n",
	"\t.section .rodata.str1.1, \"aMS\", %%progbits, 1\nstring%[2]d:\n\t.asciz \"one\"\n\t.asciz \"block %[2]d\"\n\t.text\n\tadrp x0, string%[2]d\n\tadd x0, x0, :lo12:string%[2]d\n",
	"\t.section .rodata.cst16, \"aM\", %%progbits, 16\n\t.quad %[2]d, 0\n",
	"\t.bss\n\t.balign 16\nzero%[2]d:\n\t.skip 24\n\t.data\n\t.quad zero%[2]d + 8\n",
	"\t.weak weak_a\n\t.data\n\t.balign 8\n\t.quad weak_a\n",
	"\t.section .text.w%[2]d, \"ax\"\n\t.weak weak_b\nweak_b:\n\tmov x0, #%[2]d\n\tret\n",
	"\t.globl alias_%[1]d_%[2]d\n\t.text\ntarget%[2]d:\n\tret\n\t.set alias_%[1]d_%[2]d, target%[2]d\n\t.hidden alias_%[1]d_%[2]d\n",
	"\t.globl constant_%[1]d_%[2]d\n\t.set constant_%[1]d_%[2]d, 0x%[2]d234\n",
	"\t.section .idmap.text, \"ax\"\n\t.balign 2048\n\tadr x0, 1f\n\ttbz x0, #5, 1f\n\tb.eq 1f\n\tnop\n1:\tret\n",
	"\t.pushsection __ex_table, \"a\"\n\t.balign 4\n\t.long (1f - .), (2f - .)\n\t.popsection\n\t.text\n1:\tldr x0, [x1]\n2:\tret\n",
	"\t.section .data..percpu, \"aw\"\n\t.balign 64\nper%[2]d:\n\t.quad 0\n\t.text\n\tadrp x2, per%[2]d\n\tldr x3, [x2, :lo12:per%[2]d]\n",
	"\t.section .text.%[4]s, \"axG\", %%progbits, %[4]s, comdat\n\t.weak %[4]s\n\t.type %[4]s, %%function\n%[4]s:\n\tret\n\t.size %[4]s, 4\n",
	"\t.comm shared, %[5]d, 8\n",
	// A function of a group, and debug information outside of it: ranges, locations and lists of DWARF 4, which go on after it.
	"\t.section .text.%[4]s, \"axG\", %%progbits, %[4]s, comdat\n\t.weak %[4]s\n\t.type %[4]s, %%function\n%[4]s:\n.Lstart%[2]d:\n\tret\n\t.size %[4]s, 4\n.Lend%[2]d:\n" +
		"\t.section .debug_ranges, \"\", %%progbits\n\t.quad .Lstart%[2]d, .Lend%[2]d\n\t.quad 0, 0\n" +
		"\t.section .debug_loc, \"\", %%progbits\n\t.quad .Lstart%[2]d, .Lend%[2]d\n\t.short 1\n\t.byte 0x50\n\t.quad 0, 0\n" +
		"\t.section .debug_aranges, \"\", %%progbits\n\t.quad .Lstart%[2]d, 4\n\t.quad 0, 0\n",
	"\t.section .text.%[4]s, \"axG\", %%progbits, %[4]s, comdat\n\t.weak %[4]s\n\t.type %[4]s, %%function\n%[4]s:\n\tret\n\t.size %[4]s, 4\n" +
		"\t.section .order.%[4]s, \"aoG\", %%progbits, .text.%[4]s, %[4]s, comdat\n\t.quad %[4]s\n",
	// A reference from outside of a group.
	"\t.text\n\tbl %[4]s\n\t.data\n\t.balign 8\n\t.quad %[4]s\n",
	"\t.section .note.gnu.property, \"a\", %%note\n\t.balign 8\n\t.word 4, 16, 5\n\t.asciz \"GNU\"\n\t.word 0xc0000000, 4, 1 + %[2]d %% 3, 0\n",
	// Sections that follow another.
	"\t.section .text.o%[1]d_%[2]d, \"ax\"\n.Lorder%[2]d:\n\tret\n\t.section .order%[1]d_%[2]d, \"ao\", %%progbits, .text.o%[1]d_%[2]d\n\t.quad .Lorder%[2]d\n",
	"\t.section .note.GNU-stack, \"\", %%progbits\n",
	"\t.text\n\tmovz x0, #:abs_g0_nc:%[3]s\n\tmovk x0, #:abs_g1_nc:%[3]s\n\tldrb w1, [x0, :lo12:%[3]s]\n",
}

// notPlain matches snippets with groups, common symbols, mergeable sections or
// padding in code.
var notPlain = regexp.MustCompile(`comdat|property|"ao"|%\[4\]s|\.comm|"aMS?"|%\[2\]d\\"|"text|"one|double|balign 2048|balign 16|ltorg|const c_table`)

// assembly generates a source of some blocks.
func assembly(n *names, id int) string {
	var b strings.Builder
	used, grouped := map[int]bool{}, false
	for i := range 1 + n.r.IntN(8) {
		k := n.r.IntN(len(blocks))
		if n.plain && notPlain.MatchString(blocks[k]) {
			continue
		}
		// These labels must be defined only once, and a group only in one block.
		group := strings.Contains(blocks[k], "comdat")
		if group && grouped {
			continue
		}
		grouped = grouped || group
		if used[k] && (strings.Contains(blocks[k], "weak_b:") || strings.Contains(blocks[k], ".comm") || strings.Contains(blocks[k], "property")) {
			continue
		}
		used[k] = true
		name := pick(n.r, append(append([]string{"weak_a"}, n.undefined...), n.defined...)...)
		text := fmt.Sprintf(blocks[k], id, i, name, pick(n.r, n.groups...), 8*(1+n.r.IntN(4)))
		if cut := strings.Index(text, "%!(EXTRA"); cut >= 0 {
			text = text[:cut]
		}
		b.WriteString(text)
		if k == 0 {
			n.defined = append(n.defined, fmt.Sprintf("asm_%d_%d", id, i))
		}
	}
	return b.String()
}

// functions are snippets of C, with the verbs of blocks.
var functions = []string{
	"extern long %[3]s(long, const char *);\nlong c_%[1]d_%[2]d(long a) { return %[3]s(a, \"text %[2]d\") + a * %[2]d; }\n",
	"static long counter%[2]d[8];\nlong c_%[1]d_%[2]d(long a) { counter%[2]d[a & 7] += a; return counter%[2]d[(a + 1) & 7]; }\n",
	"long c_data_%[1]d_%[2]d = %[2]d;\nlong *c_pointer_%[1]d_%[2]d = &c_data_%[1]d_%[2]d;\n",
	"__attribute__((weak)) long weak_a(long a) { return a + %[2]d; }\nlong c_%[1]d_%[2]d(long a) { return weak_a(a) - 1; }\n",
	"static long f%[2]d(long a) { return a * 3; }\nstatic long g%[2]d(long a) { return a / 3; }\nlong (*const c_table_%[1]d_%[2]d[])(long) = { f%[2]d, g%[2]d };\n",
	"long c_%[1]d_%[2]d(int n) { switch (n) { case 0: return 7; case 1: return n * 9; case 2: return n + 4; case 3: return 1; case 4: return n << 3; case 5: return n ^ 77; } return -1; }\n",
	"__attribute__((visibility(\"hidden\"))) const char *const c_names_%[1]d_%[2]d[] = { \"one\", \"two\", \"three\" };\n",
	"__attribute__((section(\".data..percpu\"))) long c_per_%[1]d_%[2]d;\n",
	"double c_%[1]d_%[2]d(double x) { return x * 3.25 + 1e300; }\n",
	"__attribute__((cold)) void c_%[1]d_%[2]d(void) { __builtin_trap(); }\n",
}

// program generates a C source.
func program(n *names, id int) string {
	var b strings.Builder
	weak := false
	for i := range 1 + n.r.IntN(5) {
		text := pick(n.r, functions...)
		if n.plain && notPlain.MatchString(text) {
			continue
		}
		if strings.Contains(text, "weak_a") {
			if weak {
				continue
			}
			weak = true
		}
		text = fmt.Sprintf(text, id, i, fmt.Sprintf("outside_%d", i))
		if cut := strings.Index(text, "%!(EXTRA"); cut >= 0 {
			text = text[:cut]
		}
		b.WriteString(text)
	}
	return b.String()
}

// flags returns random compiler options.
func flags(r *rand.Rand) []string {
	// GNU ld rewrites .eh_frame (docs/divergences.md, edited-frames).
	out := []string{"-ffreestanding", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", pick(r, "-O0", "-O1", "-O2", "-Os"), pick(r, "-fno-pic", "-fno-pic", "-fpie")}
	for _, f := range []string{"-ffunction-sections", "-fdata-sections", "-g", "-gdwarf-4", "-fcommon", "-mbranch-protection=standard"} {
		if chance(r, 3) {
			out = append(out, f)
		}
	}
	return out
}
