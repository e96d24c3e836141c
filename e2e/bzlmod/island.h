/* SPDX-License-Identifier: Apache-2.0 */
/* Calls into the island: their numbers and functions. */
#ifndef ISLAND_H
#define ISLAND_H

#define ISLAND_CALLS 2

#ifndef __ASSEMBLER__
typedef unsigned long (*island_call)(unsigned long);

unsigned long dispatch(unsigned long number, unsigned long argument);

/* Defined by the host, under the prefixed name. */
extern unsigned long host_limit;
#endif

#endif
