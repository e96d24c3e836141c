// SPDX-License-Identifier: Apache-2.0

package link

import "strings"

// isLinkOnce reports whether a section is of the kind that was used before
// section groups: of those with one name, a linker takes the first.
func isLinkOnce(name string) bool { return strings.HasPrefix(name, ".gnu.linkonce.") }

// dropRepeated leaves out sections that are linked once and that came before. It
// reports whether there were any.
func (l *linker) dropRepeated() (any bool) {
	seen := make(map[string]bool, len(l.special.linkOnce))
	for _, isec := range l.special.linkOnce {
		if name := isec.sec.Name; !seen[name] {
			seen[name] = true
			continue
		}
		isec.drop(discardByName)
		any = true
	}
	return any
}
