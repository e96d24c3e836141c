// SPDX-License-Identifier: Apache-2.0
/* Symbols of the host keep their names. */
void host_report(int n);

void report_sum(int a, int b)
{
	host_report(a + b);
}
