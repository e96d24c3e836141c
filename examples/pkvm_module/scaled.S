/* SPDX-License-Identifier: Apache-2.0 */
/* x0 * x1, in assembly to have some. With the note that says that it has landing pads, as the C sources have. */
	.section .text.scaled, "ax"
	.balign 4
	.globl scaled
	.type scaled, %function
scaled:
	hint #34 /* bti c */
	mul x0, x0, x1
	ret
	.size scaled, . - scaled

	.section .note.gnu.property, "a"
	.balign 8
	.long 4, 16, 5
	.asciz "GNU"
	.long 0xc0000000, 4, 1, 0
	.section .note.GNU-stack, "", %progbits
