// SPDX-License-Identifier: Apache-2.0
/* Compiled by the toolchain's tests. */
#include <stddef.h>

const char *const hello_file = __FILE__;

size_t hello_length(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}
