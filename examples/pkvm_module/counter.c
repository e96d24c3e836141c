// SPDX-License-Identifier: Apache-2.0
/*
 * A module for the hypervisor: it counts what a guest asks for by a hypercall.
 *
 * It has something in each section: code, constants with addresses, which .hyp.reloc lists, zeroed and initialised data.
 */
#include "ops.h"

static unsigned long calls;
static unsigned long step = 1;

unsigned long scaled(unsigned long n, unsigned long factor);

static int count(unsigned long *regs)
{
	calls += step;
	regs[0] = scaled(calls, regs[1]);
	return 0;
}

static int change(unsigned long *regs)
{
	step = regs[1] ? regs[1] : 1;
	return 0;
}

/* Not static, so that the addresses stay in the table. */
const struct handler {
	const char *name;
	int (*handler)(unsigned long *regs);
} handlers[] = {
	{ "count", count },
	{ "change", change },
};

int counter_init(const struct ops *ops)
{
	for (unsigned int i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		int err = ops->register_trap(i, handlers[i].handler);

		if (err)
			return err;
		ops->put(handlers[i].name);
	}
	return 0;
}
