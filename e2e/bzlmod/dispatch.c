// SPDX-License-Identifier: Apache-2.0
/* A table of functions: data with addresses, which hyp_relocations must list. */
#include "island.h"

static unsigned long calls_served;

static unsigned long twice(unsigned long argument)
{
	return 2 * argument;
}

static unsigned long clamp(unsigned long argument)
{
	return argument > host_limit ? host_limit : argument;
}

static const island_call table[ISLAND_CALLS] = { twice, clamp };

unsigned long dispatch(unsigned long number, unsigned long argument)
{
	calls_served++;
	return table[number](argument);
}
