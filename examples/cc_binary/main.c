// SPDX-License-Identifier: Apache-2.0
/* A program with its own checksum() and count(), linked with an object that has both as well. */
#include <stdio.h>

unsigned long island_checksum(const char *text, int kind);
int island_count(void);

static unsigned long checksum(const char *text)
{
	return (unsigned long)text[0];
}

int count(void)
{
	return -1;
}

int main(void)
{
	printf("own %lu %d\n", checksum("el2"), count());
	printf("sum %lu\n", island_checksum("el2", 0));
	printf("rotated %lu\n", island_checksum("el2", 1));
	printf("calls %d\n", island_count());
	return 0;
}
