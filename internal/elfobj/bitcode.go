// SPDX-License-Identifier: Apache-2.0

package elfobj

import "strings"

// IsBitcode reports whether a section holds a compiler's intermediate code, or
// what belongs to it: gcc's, the debug information of that, and clang's.
func IsBitcode(section string) bool {
	return strings.HasPrefix(section, ".gnu.lto_") || strings.HasPrefix(section, ".gnu.debuglto_") || section == ".llvm.lto"
}
