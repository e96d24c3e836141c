SECTIONS {
	.hyp.text : { *(.text .text.*) }
	.hyp.bss : { *(.bss .bss.*) }
}
