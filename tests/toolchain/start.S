/* SPDX-License-Identifier: Apache-2.0 */
/* Assembled by the toolchain's tests: needs the preprocessor. */
#define ENTRY(name) .globl name; .type name, %function; name:

	.text
ENTRY(start)
	mov	x0, #0
	adrp	x1, hello_file
	ldr	x1, [x1, :lo12:hello_file]
	ret
	.size	start, . - start
