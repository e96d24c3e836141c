// SPDX-License-Identifier: Apache-2.0

unsigned long x_sum(unsigned long n);
int x_count(void);

/* count() of the object has a name of its own. */
int count(void)
{
	return -1;
}

unsigned long wrapped(unsigned long n)
{
	unsigned long s = x_sum(n);

	return s * 100 + x_count();
}
