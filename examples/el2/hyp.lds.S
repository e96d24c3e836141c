/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of the example's object: one section for each kind, whatever the names of the input sections. */
#include "sections.h"

SECTIONS {
	SECTION(.text)
	SECTION(.rodata)

	/* The first pattern that matches wins, so this is before SECTION(.data), whose .data.* matches as well. */
	BEGIN_SECTION(.data..percpu)
		. = ALIGN(4096);
		*(.data..percpu)
	END_SECTION
	SECTION(.data)
	SECTION(.bss)
}
