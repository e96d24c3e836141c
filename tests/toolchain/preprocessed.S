/* SPDX-License-Identifier: Apache-2.0 */
/* Preprocessed first. */
#define MACROS "tests/toolchain/macros.h"
	.include MACROS
	.section .rodata, "a"
	.globl other
other:
	entry 2
