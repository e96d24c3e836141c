/* SPDX-License-Identifier: Apache-2.0 */
/* What the hypervisor gives a module: its functions, by address. A module calls no other. */
#ifndef PKVM_OPS_H
#define PKVM_OPS_H

struct ops {
	int (*register_trap)(unsigned int number, int (*handler)(unsigned long *regs));
	void (*put)(const char *text);
};

#endif
