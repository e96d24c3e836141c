// SPDX-License-Identifier: Apache-2.0
/* An initialised variable: if the kernel's script has no .hyp.data, its section is an orphan. */
int limit = 5;

int below_limit(int n)
{
	return n < limit;
}
