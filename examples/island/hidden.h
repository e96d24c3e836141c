/* SPDX-License-Identifier: Apache-2.0 */
/* All symbols are in the same program, so that code for any address (-fpie) needs no global offset table to find them. */
#pragma GCC visibility push(hidden)
