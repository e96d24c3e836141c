// SPDX-License-Identifier: Apache-2.0
/* Linked by the toolchain's tests into a program without an operating system. */
void _start(void)
{
	for (;;)
		;
}
