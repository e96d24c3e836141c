/* SPDX-License-Identifier: Apache-2.0 */
#define KIND 22
