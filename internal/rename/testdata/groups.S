	// Groups, one with a local signature, and every name that debug sections have.
	.section .text.one,"axG",%progbits,sig,comdat
	.weak sig
sig:	ret
	.section .text.two,"axG",%progbits,sig,comdat
two:	ret
	.section .text.three,"axG",%progbits,lsig,comdat
three:	ret
	.text
	.section .gnu.linkonce.wi.x,"",%progbits
	.word 1
	.section .zdebug_x,"",%progbits
	.word 1
	.section .gdb_index,"",%progbits
	.word 1
	.section .debug_alloc,"a",%progbits
	.word 1
	.section .line,"",%progbits
	.word 1
	.section .gnu.debuglto_.debug_info,"",%progbits
	.word 1
	.section .note.gnu.x,"",%progbits
	.word 1
	.section .debug_foo,"",%progbits
	.word 1
	.globl indebug
indebug: .word 2
	.comm cc,8,8
