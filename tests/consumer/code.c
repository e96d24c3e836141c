// SPDX-License-Identifier: Apache-2.0

#include <limit.h>

#include "tests/consumer/helper.h"

#ifdef HELPER_LOCAL
#error "local_defines of a dependency are its own"
#endif

static const unsigned long limits[] = { PUBLIC_LIMIT, PRIVATE_LIMIT, LOCAL, HELPER };
static int calls;

unsigned long sum(unsigned long n)
{
	unsigned long s = helped(n);

	calls++;
	for (unsigned long i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		s += ((volatile const unsigned long *)limits)[i];
	return s;
}

int count(void)
{
	return calls;
}
