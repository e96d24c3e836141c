// SPDX-License-Identifier: Apache-2.0
/*
 * A small library with its own namespace: after the link each of its symbols starts with island_, so that it can be part of a program that has
 * functions of the same names.
 */
static unsigned long add(unsigned long sum, unsigned char byte)
{
	return sum + byte;
}

static unsigned long rotate(unsigned long sum, unsigned char byte)
{
	return ((sum << 5) | (sum >> 59)) ^ byte;
}

/* The final link relocates these two addresses. */
static unsigned long (*const steps[])(unsigned long, unsigned char) = { add, rotate };

/* In .bss of the island, not of the program. */
static int calls;

unsigned long checksum(const char *text, int kind)
{
	unsigned long sum = 0;

	calls++;
	while (*text)
		sum = steps[kind](sum, (unsigned char)*text++);
	return sum;
}

int count(void)
{
	return calls;
}
