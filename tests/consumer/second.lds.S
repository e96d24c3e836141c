/* SPDX-License-Identifier: Apache-2.0 */

#define BSS .hyp.bss
size_of_text = SIZEOF(.hyp.text);
SECTIONS {
	.hyp.data : { *(.data .data.*) }
	BSS : { INCLUDE bss.lds }
}
