// SPDX-License-Identifier: Apache-2.0

#include <stdio.h>

extern const char x_size_of_text[];
unsigned long wrapped(unsigned long n);
int count(void);

int main(void)
{
	printf("%lu %d %d\n", wrapped(2), count(), (unsigned long)x_size_of_text > 0);
	return 0;
}
