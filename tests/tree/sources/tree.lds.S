/* SPDX-License-Identifier: Apache-2.0 */
#include <late.h>
SECTIONS {
	.hyp.rodata : { *(.rodata .rodata.*) }
	late_of_script = LATE;
}
