/* SPDX-License-Identifier: Apache-2.0 */
/* Per-CPU data of the example: one image in .data..percpu, which the host copies for each CPU. */
#ifndef EL2_PERCPU_H
#define EL2_PERCPU_H

#define DEFINE_PER_CPU(type, name) \
	type name __attribute__((section(".data..percpu")))

/* TPIDR_EL2 holds this CPU's distance from the image. */
static inline unsigned long this_cpu_offset(void)
{
	unsigned long offset;

	__asm__("mrs %0, tpidr_el2" : "=r"(offset));
	return offset;
}

#define this_cpu_ptr(var) \
	((__typeof__(&(var)))((unsigned long)&(var) + this_cpu_offset()))

#endif
