/* SPDX-License-Identifier: Apache-2.0 */
/* The hypercalls of the example: their numbers, for C and assembly, and their C side. */
#ifndef EL2_CALLS_H
#define EL2_CALLS_H

#define EL2_CALL_COUNT_TRAP 0
#define EL2_CALL_TRAPS 1
#define EL2_CALL_NAME 2
#define EL2_CALLS 3

#ifndef __ASSEMBLER__
struct el2_context {
	unsigned long regs[31];
};

typedef unsigned long el2_call(struct el2_context *ctx);

el2_call count_trap, traps, name;

unsigned long handle_trap(struct el2_context *ctx);

/* Defined by the host, outside of the object, so its name must be on the list of symbols that may be undefined. */
extern const unsigned long host_page_offset;
#endif

#endif
