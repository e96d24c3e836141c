// SPDX-License-Identifier: Apache-2.0

package errpages

import (
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	const markdown = "E1003: ends early\n\n```\na.o: **no** [link](x)\n```\n\n**Cause**: see [docs/a.md](../a.md#b) and `-o`\n\n"
	const want = "E1003: ends early\n\n    a.o: **no** [link](x)\n\nCause: see docs/a.md and `-o`\n"
	if got := plain(markdown); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEntry(t *testing.T) {
	text, ok := Entry("E5005")
	if !ok || !strings.HasPrefix(text, "E5005: ") || !strings.Contains(text, "\nCure: ") || strings.Contains(text, "E5006: ") || strings.Contains(text, "#") {
		t.Errorf("got %q, %v", text, ok)
	}
	for _, code := range []string{"E0000", "E500", "", "E5005: "} {
		if text, ok := Entry(code); ok {
			t.Errorf("%s has the entry %q", code, text)
		}
	}
}
