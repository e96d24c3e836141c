/* Every kind of section that testdata/sections.c has, several ways to order them, and an orphan (.special). */
#define BEGIN(name) __hyp_section_##name = .;

SECTIONS {
	.hyp.text : {
		BEGIN(.hyp.text)
		*(.text.hot .text.hot.*)
		*(SORT_BY_NAME(.text.f*))
		*(.text .text.*)
		text_end = .;
	}
	.hyp.rodata : {
		BEGIN(.hyp.rodata)
		KEEP(*(.rodata.table))
		. = ALIGN(64);
		*(.rodata .rodata.*)
	}
	.hyp.data : ALIGN(32) {
		BEGIN(.hyp.data)
		*(.data .data.*)
		QUAD(0x1122334455667788)
		LONG(SIZEOF(.hyp.text) > 0)
		BYTE(7)
		. = ALIGN(8);
		PROVIDE(data_end = .);
	}
	.hyp.bss : {
		BEGIN(.hyp.bss)
		*(.bss .bss.* COMMON)
	}
}
