/* SPDX-License-Identifier: Apache-2.0 */

unsigned long helped(unsigned long n);
