/* SPDX-License-Identifier: Apache-2.0 */
/* The oldest form of the pipeline: input sections grouped by kind, and no symbols. */
#define SECTION(name) .hyp##name : { *(name name##.*) }

SECTIONS {
	SECTION(.text)
	SECTION(.rodata)
	SECTION(.data)
	SECTION(.bss)
}
