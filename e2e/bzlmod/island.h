/* Calls into the island: their numbers, and what serves them. */
#ifndef ISLAND_H
#define ISLAND_H

#define ISLAND_CALLS 2

#ifndef __ASSEMBLER__
typedef unsigned long (*island_call)(unsigned long);

unsigned long dispatch(unsigned long number, unsigned long argument);

/* The host's, and therefore prefixed as well: the host provides it under the island's name. */
extern unsigned long host_limit;
#endif

#endif
