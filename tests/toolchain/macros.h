/* Read with .include, by the assembler alone. */
.macro entry value
	.quad \value
.endm
