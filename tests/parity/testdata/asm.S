/* What C has no words for: local labels in mergeable sections, a weak alias, jumps between sections, data in text. */
	.section .text.fast, "ax"
	.globl asm_fast
	.type asm_fast, %function
asm_fast:
	cbz	x0, 1f
	bl	first
	tbnz	x0, #3, other
	adr	x1, literal
	ldr	x2, literal
	b	.Lend
1:	ret
literal:
	.quad	0x123456789abcdef0
.Lend:
	adrp	x3, message
	add	x3, x3, :lo12:message
	ret
	.size	asm_fast, . - asm_fast

	.section .text.slow, "ax"
other:
	movz	x4, #:prel_g0:host_word
	b	asm_fast
	.weak	weak_alias
	.set	weak_alias, other
	.globl	limit
	.set	limit, 0x1234

	.section .rodata.str1.8, "aMS", %progbits, 1
	.balign	8
message:
	.asciz	"a message"
	.asciz	"another"

	.section .special, "aw", %progbits
	.hidden	special_word
	.globl	special_word
special_word:
	.word	first - .
	.quad	undefined_one + 8
	.weak	undefined_weak
	.quad	undefined_weak
