/* SPDX-License-Identifier: Apache-2.0 */
/* A monitor that sums memory and reports to the host. */
#ifndef MONITOR_H
#define MONITOR_H

unsigned long checksum(const unsigned char *from, unsigned long size);
unsigned long report(unsigned long number);

#endif
