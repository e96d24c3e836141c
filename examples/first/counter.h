/* SPDX-License-Identifier: Apache-2.0 */
#define COUNTERS 4

#ifndef __ASSEMBLER__
unsigned long count(unsigned long which);
#endif
