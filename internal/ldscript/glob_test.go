// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"fmt"
	"testing"
)

func mustFileGlob(t testing.TB, pattern string) FileGlob {
	t.Helper()
	g, err := compileFileGlob(token{kind: tokQuoted, text: pattern})
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	return g
}

// TestFileGlob follows what GNU ld 2.40 was seen to match.
func TestFileGlob(t *testing.T) {
	object := InputFile{Path: "out/switch.hyp.o"}
	member := InputFile{Path: "b.o", Archive: "lib/libx.a"}
	tests := []struct {
		pattern                                                string
		object, member, objectExcluded, memberExcluded, single bool
	}{
		{pattern: "*", object: true, member: true, objectExcluded: true, memberExcluded: true},
		{pattern: "*.o", object: true, member: true, objectExcluded: true, memberExcluded: true},
		{pattern: "out/switch.hyp.o", object: true, objectExcluded: true, single: true},
		{pattern: "switch.hyp.o", single: true},
		{pattern: "*switch.hyp.o", object: true, objectExcluded: true},
		{pattern: "out/*", object: true, objectExcluded: true},
		// A member goes by its own name, but not for a path without wildcards,
		// which names a file of the command line.
		{pattern: "b.o", memberExcluded: true, single: true},
		{pattern: "b.*", member: true, memberExcluded: true},
		// The archive's path counts in EXCLUDE_FILE only.
		{pattern: "*libx.a", memberExcluded: true},
		{pattern: "lib/libx.a", memberExcluded: true, single: true},
		// With a colon.
		{pattern: "*x.a:", member: true, memberExcluded: true},
		{pattern: "lib/libx.a:b.o", member: true, memberExcluded: true},
		{pattern: "*:*", member: true, memberExcluded: true},
		{pattern: "*x.a:a.o"},
		{pattern: "*y.a:b.o"},
		{pattern: ":*.o", object: true, objectExcluded: true},
		{pattern: ":b.o"},
		{pattern: ":out/switch.hyp.o", object: true, objectExcluded: true},
		// No pattern, so the backslash stands for itself.
		{pattern: `out/switch\.hyp.o`, single: true},
	}
	for _, test := range tests {
		g := mustFileGlob(t, test.pattern)
		got := fmt.Sprint(g.Match(object), g.Match(member), g.Excludes(object), g.Excludes(member), g.IsLiteral())
		want := fmt.Sprint(test.object, test.member, test.objectExcluded, test.memberExcluded, test.single)
		if got != want || g.String() != test.pattern {
			t.Errorf("%q: got %s (object, member, excludes object, excludes member, literal), want %s", test.pattern, got, want)
		}
	}
}
