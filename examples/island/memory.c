// SPDX-License-Identifier: Apache-2.0
/* The other source: each becomes an object of its own, which finds the symbols of the others by their new names. */
static unsigned long reserved;

int early_memory(unsigned long arg)
{
	reserved += arg;
	return reserved > 1UL << 40 ? -1 : 0;
}
