// SPDX-License-Identifier: Apache-2.0
/* C code next to the kernel's assembly: it calls the memcpy of this object, not that of the kernel it will be linked into. */
void *memcpy(void *to, const void *from, unsigned long size);

struct message {
	unsigned long words[64];
};

void send(struct message *to, const struct message *from)
{
	memcpy(to, from, sizeof(*to));
}
