/* SPDX-License-Identifier: Apache-2.0 */
#define SECTION(name) .hyp##name : { *(name name.*) }

SECTIONS {
	SECTION(.text)
	SECTION(.rodata)
	SECTION(.bss)
}
