/* The layout of the example's object: one section for each kind, whatever the compiler called the input. */
#include "sections.h"

SECTIONS {
	SECTION(.text)
	SECTION(.rodata)
	SECTION(.data)
	BEGIN_SECTION(.data..percpu)
		. = ALIGN(4096);
		*(.data..percpu)
	END_SECTION
	SECTION(.bss)
}
