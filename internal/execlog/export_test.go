// SPDX-License-Identifier: Apache-2.0

package execlog

// ReadWithin is Read with another limit of memory, in bytes.
var ReadWithin = read
