/* SPDX-License-Identifier: Apache-2.0 */
/* The entry point: rejects a number that is out of range, and saves the return address. */
#include "island.h"

	.section ".text.entry", "ax"
	.balign	4
	.globl	enter
	.type	enter, %function
enter:
	cmp	x0, #ISLAND_CALLS
	b.hs	1f
	stp	x29, x30, [sp, #-16]!
	bl	dispatch
	ldp	x29, x30, [sp], #16
	ret
1:	mov	x0, #-1
	ret
	.size	enter, . - enter
