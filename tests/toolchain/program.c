// SPDX-License-Identifier: Apache-2.0
/* Linked by the toolchain's tests into a program for Linux, and run. */
#include <stdio.h>
#include <sys/utsname.h>

int main(int argc, char **argv)
{
	struct utsname system;

	if (argc != 2 || uname(&system))
		return 3;
	printf("%s on %s\n", argv[1], system.machine);
	return 0;
}
