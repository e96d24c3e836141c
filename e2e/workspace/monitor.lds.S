/* The oldest form of the pipeline: sections gathered by kind, no symbols of its own. */
#define SECTION(name) .hyp##name : { *(name name##.*) }

SECTIONS {
	SECTION(.text)
	SECTION(.rodata)
	SECTION(.data)
	SECTION(.bss)
}
