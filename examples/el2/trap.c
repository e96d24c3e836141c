/* The trap handler: looks a hypercall up in a table of function pointers, as EL2 code in the kernel does. */
#include "calls.h"
#include "percpu.h"

DEFINE_PER_CPU(unsigned long, trap_count);

/*
 * The table holds absolute addresses. The host links it at its own addresses, so each entry has to be on the list that
 * hyp_relocations makes, or EL2 would jump to a host address.
 */
static el2_call *const table[EL2_CALLS] __attribute__((section(".rodata.calls"))) = {
	[EL2_CALL_COUNT_TRAP] = count_trap,
	[EL2_CALL_TRAPS] = traps,
	[EL2_CALL_NAME] = name,
};

/* .text.hot is what a compiler makes of a function it takes for busy: it has to end up in .hyp.text as well. */
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
