// SPDX-License-Identifier: Apache-2.0
/* The trap handler: looks a hypercall up in a table of function pointers, as EL2 code in the kernel does. */
#include "calls.h"
#include "percpu.h"

DEFINE_PER_CPU(unsigned long, trap_count);

/*
 * The table has absolute addresses. The host links it at host addresses, so hyp_relocations must list each entry, or EL2
 * would jump to a host address.
 */
static el2_call *const table[EL2_CALLS] __attribute__((section(".rodata.calls"))) = {
	[EL2_CALL_COUNT_TRAP] = count_trap,
	[EL2_CALL_TRAPS] = traps,
	[EL2_CALL_NAME] = name,
};

/* Compilers put hot functions into .text.hot, which must go into .hyp.text as well. */
__attribute__((section(".text.hot")))
unsigned long handle_trap(struct el2_context *ctx)
{
	unsigned long call = ctx->regs[0];

	if (call >= EL2_CALLS)
		return -1UL;
	return table[call](ctx);
}

unsigned long count_trap(struct el2_context *ctx)
{
	(void)ctx;
	return ++*this_cpu_ptr(trap_count);
}

unsigned long traps(struct el2_context *ctx)
{
	(void)ctx;
	return *this_cpu_ptr(trap_count);
}
