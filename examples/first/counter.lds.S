#define SECTION(name) .hyp##name : { *(name name.*) }

SECTIONS {
	SECTION(.text)
	SECTION(.rodata)
	SECTION(.bss)
}
