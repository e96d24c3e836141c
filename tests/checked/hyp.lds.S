/* SPDX-License-Identifier: Apache-2.0 */
SECTIONS {
	.hyp.text : { *(.text .text.*) }
	.hyp.bss : { *(.bss .bss.*) }
}
