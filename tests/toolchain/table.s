/* SPDX-License-Identifier: Apache-2.0 */
/* Assembled as it is. */
	.include "tests/toolchain/macros.h"
	.section .rodata, "a"
	.globl table
table:
	entry 1
	.incbin "tests/toolchain/hello.c"
