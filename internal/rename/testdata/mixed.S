	// A symbol of each kind, a group, SHF_LINK_ORDER, debug information and notes.
	.file "a.c"
	.text
	.globl gfun
	.type gfun,%function
gfun:
	bl und
	bl loc
	adrp x0, gdata
	ret
	.word 5
loc:
	bl comdat
	.quad .Lx
	ret
	.globl hid
	.hidden hid
hid:	nop
	.weak weakdef
weakdef: nop
	.weak weakund
	bl weakund
	.comm com,16,8
	.local lcom
	.comm lcom,4,4
	.section .text.b,"ax"
b2:	nop
.Lx:	nop
	.data
	.globl gdata
	.type gdata,%object
	.size gdata,8
gdata:	.quad gfun
	.quad com
	.quad .text.b
	.section .text.comdat,"axG",%progbits,comdat,comdat
	.globl comdat
	.type comdat,%function
	.weak comdat
comdat:	bl loc
	ret
	.section .debug_info,"",%progbits
	.quad gfun
	.quad loc
	.quad .debug_str
	.section .debug_str,"MS",%progbits,1
	.string "hello"
	.section .note.gnu.property,"a",%note
	.p2align 3
	.word 4,16,5
	.asciz "GNU"
	.word 0xc0000000,4,3,0
	.section .discard.x,"",%progbits
	.globl indisc
indisc:	.word 1
	.section .metadata,"ao",%progbits,.text.b
	.quad .text.b
	.globl absym
absym = 42
	.comm com2,8,8
	.globl unused_und
	.section .bss
	.globl bssv
	.type bssv,%object
bssv: .zero 8
	.ident "x"
	.section .note.GNU-stack,"",%progbits
