/* SPDX-License-Identifier: Apache-2.0 */
/* Sections of an EL2 object, for the linker script: SECTION(.text) puts .text and .text.* into .hyp.text. */
#ifndef EL2_SECTIONS_H
#define EL2_SECTIONS_H

/* .hyp.reloc has offsets from this symbol at the start of the section. */
#define BEGIN_SECTION(name) .hyp##name : { __hyp_section_.hyp##name = .;
#define END_SECTION }

#define SECTION(name) BEGIN_SECTION(name) *(name name##.*) END_SECTION

#endif
