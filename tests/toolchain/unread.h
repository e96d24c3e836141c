/* SPDX-License-Identifier: Apache-2.0 */
/* A header that no source reads. */
