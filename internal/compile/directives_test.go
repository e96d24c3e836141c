// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"reflect"
	"testing"
)

func TestDirectives(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []directive
	}{
		{"one a line", ".include \"a.h\"\n\t.incbin \"b c.bin\", 4, 8\n", []directive{{".include", "a.h", "x.S:1"}, {".incbin", "b c.bin", "x.S:2"}}},
		{"upper case", ".INCBIN \"b\"\n", []directive{{".incbin", "b", "x.S:1"}}},
		{"labels and separators", "1: foo: .incbin \"b\"; .incbin \"c\"\n", []directive{{".incbin", "b", "x.S:1"}, {".incbin", "c", "x.S:1"}}},
		{"escapes", ".incbin \"/etc/\\150ost\\\\\\\"\"\n", []directive{{".incbin", "/etc/host\\\"", "x.S:1"}}},
		{"comments", "/* .incbin \"a\"\n*/ .incbin /* x */ \"b\" // .incbin \"c\"\n# .incbin \"d\"\n", []directive{{".incbin", "b", "x.S:2"}}},
		{"strings", ".ascii \"; .incbin \\\"a\\\"\"; .incbin \"b\"\n", []directive{{".incbin", "b", "x.S:1"}}},
		{"line markers", "# 7 \"y.h\" 1\n.incbin \"a\"\n#line 3 \"z.h\"\n\n.incbin \"b\"\n", []directive{{".incbin", "a", "y.h:7"}, {".incbin", "b", "z.h:4"}}},
		{
			"an argument of a macro", ".incbin \"\\f\"\n.include \\f\n.incbin \"a\\()b\"\n",
			[]directive{{".incbin", "", "x.S:1"}, {".include", "", "x.S:2"}, {".incbin", "", "x.S:3"}},
		},
		{"names of sources", ".file \"a.c\"\n.file 1 \"b.c\"\n", []directive{{".file", "a.c", "x.S:1"}}},
		{"other words", ".included \"a\"\nincbin \"a\"\nmov x0, #1\n.incbin", []directive{{".incbin", "", "x.S:4"}}},
		{"an open string", ".incbin \"a\n.incbin \"b\"\n", []directive{{".incbin", "", "x.S:1"}, {".incbin", "b", "x.S:2"}}},
		{"an open comment", "/* .incbin \"a\"\n", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := directives("x.S", tt.text); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("directives(%q) = %q; want %q", tt.text, got, tt.want)
			}
		})
	}
}

// FuzzDirectives checks that any text is read to its end.
func FuzzDirectives(f *testing.F) {
	f.Add(".incbin \"a\\\"; x: .include \"b\" /* c\n*/ # 1 \"d\"\n")
	f.Add("\"\\")
	f.Add("# 3 \"")
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range directives("x.S", text) {
			if d.name == ".file" && d.at == "" {
				t.Errorf("a directive without a position in %q", text)
			}
		}
	})
}
