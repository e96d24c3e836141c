// SPDX-License-Identifier: Apache-2.0

/* Half of a pair: odd.c has the other one. */
int is_odd(unsigned int n);

int is_even(unsigned int n)
{
	if (!n)
		return 1;
	return is_odd(n - 1);
}
