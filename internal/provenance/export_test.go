// SPDX-License-Identifier: Apache-2.0

package provenance

// MITText is a license, for tests of modules.
const MITText = mitText
