// SPDX-License-Identifier: Apache-2.0
/*
 * Code that runs before the kernel is mapped at the address that it is linked for: it may use no absolute address.
 *
 * The table has addresses relative to where they are, which code adds up: hyp_island makes them so in the section .rodata.prel64.
 */
typedef int early_fn(unsigned long arg);

int early_memory(unsigned long arg);

static int early_clocks(unsigned long arg)
{
	return arg > 4 ? -1 : 0;
}

static early_fn *const steps[] __attribute__((used, section(".rodata.prel64"))) = {
	early_clocks,
	early_memory,
};

int early_init(unsigned long arg)
{
	for (unsigned int i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const volatile long *step = (const volatile long *)&steps[i];
		early_fn *fn = (early_fn *)((unsigned long)step + *step);

		if (fn(arg))
			return -1;
	}
	return 0;
}
