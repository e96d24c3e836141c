// SPDX-License-Identifier: Apache-2.0

package glob

import (
	"fmt"
	"testing"
)

// A set matches what one of its patterns matches.
func TestSet(t *testing.T) {
	texts := []string{"a.o", "*b.o", "c*", "lib*.a", "*", "?.o", "x[0-9]*", "*mid*", "ab*ba", "", "a.o*"}
	names := []string{"", "a", "a.o", "ab.o", "b.o", "c", "cat.o", "lib.a", "libx.a", "li.a", "x5y", "xy", "amidb", "abba", "aba", "abxba", "a.o.o"}
	for mask := range 1 << len(texts) {
		var s Set
		var patterns []Pattern
		for i, text := range texts {
			if mask&(1<<i) != 0 {
				p, err := Dialect{Special: "*?["}.Compile(text)
				if err != nil {
					t.Fatal(err)
				}
				patterns = append(patterns, p)
			}
		}
		for i := range patterns {
			s.Add(&patterns[i])
		}
		for _, name := range names {
			want := false
			for i := range patterns {
				want = want || patterns[i].Match(name)
			}
			if got := s.Match(name); got != want {
				t.Fatalf("%q in a set of %d patterns: %v, want %v (mask %#x)", name, len(patterns), got, want, mask)
			}
		}
	}
}

// The shapes of thousands of patterns are few.
func TestSetOfMany(t *testing.T) {
	var s Set
	for i := range 4000 {
		literal, wild := Stars(fmt.Sprintf("dir/%d.o", i)), Stars(fmt.Sprintf("*/%d.o", 4000+i))
		s.Add(&literal)
		s.Add(&wild)
	}
	if len(s.shapes) != 1 || len(s.others) != 0 || !s.Match("dir/3999.o") || !s.Match("any/7999.o") || s.Match("any/3999.o") {
		t.Errorf("%d shapes, %d others", len(s.shapes), len(s.others))
	}
}
