/* SPDX-License-Identifier: Apache-2.0 */
/* Found first: it must not matter that it is not in hdrs. */
#define KIND 11
