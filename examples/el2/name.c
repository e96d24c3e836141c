// SPDX-License-Identifier: Apache-2.0
/* A string, a buffer and a value of the host: .rodata.str*, .bss and an undefined symbol. */
#include "calls.h"

static char last[16];

unsigned long name(struct el2_context *ctx)
{
	static const char text[] = "el2 example";
	unsigned long i;

	for (i = 0; i < sizeof(text); i++)
		last[i] = text[i];
	ctx->regs[1] = (unsigned long)last - host_page_offset;
	return i;
}
