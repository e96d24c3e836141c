/* SPDX-License-Identifier: Apache-2.0 */
#include <late.h>
	.section .rodata
	.globl	entry
	.type	entry, %object
	.size	entry, 4
entry:	.word	LATE + 1
