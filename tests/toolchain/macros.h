/* SPDX-License-Identifier: Apache-2.0 */
/* Read with .include, by the assembler alone. */
.macro entry value
	.quad \value
.endm
