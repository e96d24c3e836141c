/* The layout of the example's object: one section for each kind, whatever the compiler called the input. */
#include "sections.h"

SECTIONS {
	SECTION(.text)
	SECTION(.rodata)

	/* An input section goes to the first line that names it, so this stands before SECTION(.data), whose .data.* fits as well. */
	BEGIN_SECTION(.data..percpu)
		. = ALIGN(4096);
		*(.data..percpu)
	END_SECTION
	SECTION(.data)
	SECTION(.bss)
}
