/* Each kind of input in one section; the symbol at its start is what .hyp.reloc counts from. */
#define SECTION(name) .hyp##name : { __hyp_section_.hyp##name = .; *(name name##.*) }

SECTIONS {
	SECTION(.text)
	SECTION(.rodata)
	SECTION(.data)
	SECTION(.bss)
}
