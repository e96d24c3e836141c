// SPDX-License-Identifier: Apache-2.0

package sizes

import (
	"strings"
	"testing"
)

// A name is one element of code in a cell of a table, whatever it is: a code span of
// plain characters, or a code element of letters, digits and character references.
func FuzzEscape(f *testing.F) {
	for _, name := range []string{"", "__kvm_nvhe_f.isra.0", "a|b", "`x`", "@team", "<script>", "a\nb", "\u202e", "\xff", "&lt;"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := escape(name)
		if inner, ok := strings.CutPrefix(got, "`"); ok {
			inner, ok = strings.CutSuffix(inner, "`")
			if !ok || inner != name || strings.ContainsAny(inner, "`|<>&@#[]!*~\\\n\r\t ") {
				t.Errorf("%q is %s", name, got)
			}
			return
		}
		inner, ok := strings.CutPrefix(got, "<code>")
		inner, end := strings.CutSuffix(inner, "</code>")
		for len(inner) > 0 && ok && end {
			c := inner[0]
			switch {
			case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
				inner = inner[1:]
				continue
			case strings.HasPrefix(inner, "&#"):
				digits, rest, found := strings.Cut(inner[2:], ";")
				if found && digits != "" && strings.Trim(digits, "0123456789") == "" {
					inner = rest
					continue
				}
			}
			ok = false
		}
		if !ok || !end {
			t.Errorf("%q is %s", name, got)
		}
	})
}
