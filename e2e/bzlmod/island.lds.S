/* SPDX-License-Identifier: Apache-2.0 */
/* Each kind of input in one section; .hyp.reloc has offsets from the symbol at its start. */
#define SECTION(name) .hyp##name : { __hyp_section_.hyp##name = .; *(name name##.*) }

SECTIONS {
	SECTION(.text)
	SECTION(.rodata)
	SECTION(.data)
	SECTION(.bss)
}
