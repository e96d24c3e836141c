/* SPDX-License-Identifier: Apache-2.0 */
/* The entry point of exceptions from EL1: saves the registers on the stack and calls handle_trap. */
#include "calls.h"

	.section ".text.entry", "ax"
	.balign	2048
	.globl	el2_vector
el2_vector:
	cmp	x0, #EL2_CALLS
	b.hs	1f
	stp	x29, x30, [sp, #-272]!
	stp	x0, x1, [sp, #16]
	add	x0, sp, #16
	bl	handle_trap
	ldp	x29, x30, [sp], #272
	eret
1:	mov	x0, #-1
	eret
	.type	el2_vector, %function
	.size	el2_vector, . - el2_vector

	/* The host finds the vectors by this address. It is data, so it needs an entry in .hyp.reloc. */
	.section ".rodata.vector", "a"
	.balign	8
	.globl	el2_vector_address
el2_vector_address:
	.quad	el2_vector
	.type	el2_vector_address, %object
	.size	el2_vector_address, 8
