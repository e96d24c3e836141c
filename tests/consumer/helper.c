// SPDX-License-Identifier: Apache-2.0

#include "tests/consumer/helper.h"

unsigned long helped(unsigned long n)
{
	return n * HELPER + HELPER_LOCAL;
}
