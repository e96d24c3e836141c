// SPDX-License-Identifier: Apache-2.0

package linediff

import (
	"reflect"
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want []Hunk
	}{
		{"a b c", "a b c", nil},
		{"a b c", "a x c", []Hunk{{[]string{"b"}, []string{"x"}, 1, 1}}},
		{"a b c d e", "a c d y e", []Hunk{{[]string{"b"}, nil, 1, 1}, {nil, []string{"y"}, 4, 3}}},
		{"", "a", []Hunk{{nil, []string{"a"}, 0, 0}}},
		{"x a", "a", []Hunk{{[]string{"x"}, nil, 0, 0}}},
	} {
		got := Diff(strings.Fields(test.a), strings.Fields(test.b))
		for i := range got {
			// Empty and nil lists mean the same.
			if len(got[i].Removed) == 0 {
				got[i].Removed = nil
			}
			if len(got[i].Added) == 0 {
				got[i].Added = nil
			}
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q, %q: got %+v, want %+v", test.a, test.b, got, test.want)
		}
	}
}
