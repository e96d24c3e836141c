// SPDX-License-Identifier: Apache-2.0

/* Half of a pair: even.c has the other one. */
int is_even(unsigned int n);
void host_report(int n);

int is_odd(unsigned int n)
{
	if (!n) {
		host_report(0);
		return 0;
	}
	return is_even(n - 1);
}
