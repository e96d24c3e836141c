// SPDX-License-Identifier: Apache-2.0
/* Adler's checksum: a loop, and no data. */
#include "monitor.h"

unsigned long checksum(const unsigned char *from, unsigned long size)
{
	unsigned long a = 1, b = 0, i;

	for (i = 0; i < size; i++) {
		a = (a + from[i]) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}
