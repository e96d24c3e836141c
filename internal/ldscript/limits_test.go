// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestBounded parses large hostile scripts and expects memory of at most a multiple of
// their size and time to seconds.
func TestBounded(t *testing.T) {
	const size = 1 << 18
	many := func(s string) string { return strings.Repeat(s, size/len(s)) }
	var distinct strings.Builder
	for i := 0; distinct.Len() < size; i++ {
		fmt.Fprintf(&distinct, " .%x", uint32(i)*2654435761)
	}
	tests := []struct{ name, src string }{
		{"brackets", "x = " + many("(")},
		{"operators", "x = " + many("!")},
		{"sum", "x = 1" + many("+1") + ";"},
		{"conditions", "x = " + many("a?")},
		{"statements", many("x = 1;")},
		{"long name", many("a") + " = 1;"},
		{"long number", "x = " + many("1") + ";"},
		{"long fill", "SECTIONS { .a : { } =0x" + many("1") + " }"},
		{"long string", `x = "` + many("a")},
		{"comments", many("/**/") + "x"},
		{"half comments", many("/* ") + "x"},
		{"markers", many("# 1 \"a\"\n")},
		{"long marker", `# 1 "` + many("a") + "\"\nx"},
		{"sections", "SECTIONS {" + many(" /DISCARD/ : { }")},
		{"files", "SECTIONS { .a : {" + many(" a.o") + "} }"},
		{"long pattern", "SECTIONS { .a : { *(" + many("a") + ") } }"},
		{"stars", "SECTIONS { .a : { *(" + many("*") + ") } }"},
		{"stars and letters", "SECTIONS { .a : { *(" + many("*a") + ") } }"},
		{"sets", "SECTIONS { .a : { *(" + many("[a]") + ") } }"},
		{"open sets", "SECTIONS { .a : { *(" + many("[") + ") } }"},
		{"patterns", "SECTIONS { .a : { *(" + distinct.String() + ") } }"},
		{"sorts", "SECTIONS { .a : { *(" + many("SORT(")},
		{"line breaks", many("\n")},
		{"NUL", many("\x00")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			s, err := Parse("s", []byte(test.src))
			if err == nil {
				m := NewMatcher(s)
				m.Match(InputFile{Path: "a.o"}, strings.Repeat("a", 1000))
			}
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 200*size {
				t.Errorf("allocated %d bytes for %d bytes of script, want at most 200 a byte", used, len(test.src))
			}
			if took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestDeepEval evaluates and prints the deepest trees the parser lets through.
func TestDeepEval(t *testing.T) {
	for _, src := range []string{
		"x = " + strings.Repeat("(", 490) + "1" + strings.Repeat(")", 490) + ";",
		"x = 1" + strings.Repeat(" + 1", 490) + ";",
		"x = " + strings.Repeat("1 ? 1 : ", 240) + "1;",
		"x = " + strings.Repeat("- ", 490) + "1;",
	} {
		s, err := Parse("s", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := AssignSymbol(s.commands[0].(*Assignment), layoutEnv("")); err != nil {
			t.Fatal(err)
		}
		checkPrinting(t, s)
	}
}
