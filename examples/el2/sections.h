/* Sections of an object for EL2, for the linker script: SECTION(.text) gathers .text and .text.* in .hyp.text. */
#ifndef EL2_SECTIONS_H
#define EL2_SECTIONS_H

/* hyp_relocations counts the places it finds from this symbol, which the section begins with. */
#define BEGIN_SECTION(name) .hyp##name : { __hyp_section_.hyp##name = .;
#define END_SECTION }

#define SECTION(name) BEGIN_SECTION(name) *(name name##.*) END_SECTION

#endif
