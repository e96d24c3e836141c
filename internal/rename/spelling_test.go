// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"flag"
	"io"
	"strings"
	"testing"
)

// TestSpelling gives prefixes and new names that are mistakes.
func TestSpelling(t *testing.T) {
	for _, tt := range []struct{ option, want string }{
		{"--symbol-prefix=__kvm_nvhe_", ""},
		{"--symbol-prefix=", ""},
		{"--symbol-prefix=.a$b@c:d/e+f-g~h%i^j", ""},
		{"--symbol-prefix=été_", ""},
		{"--symbol-prefix=__kvm nvhe_", `--symbol-prefix: "__kvm nvhe_" has a blank at offset 5; remove it`},
		{"--symbol-prefix=p_\n", `--symbol-prefix: "p_\n" has a line break at offset 2; remove it`},
		{"--symbol-prefix=\tp_", `--symbol-prefix: "\tp_" has a tab at offset 0; remove it`},
		{"--symbol-prefix=p\x00", `--symbol-prefix: "p\x00" has a control character at offset 1; remove it`},
		{"--symbol-prefix=p\x7f", `--symbol-prefix: "p\x7f" has a control character at offset 1; remove it`},
		{"--symbol-prefix=p\u00a0", "--symbol-prefix: \"p\\u00a0\" has a white space character at offset 1; remove it"},
		{"--symbol-prefix='p'", `--symbol-prefix: "'p'" has a '\'' at offset 0; use letters, digits and`},
		{"--symbol-prefix=p*", `--symbol-prefix: "p*" has a '*' at offset 1; use letters, digits and`},
		{"--section-prefix=.a b", `--section-prefix: ".a b" has a blank at offset 2; remove it`},
		{"--alloc-section-prefix=.a,b", `--alloc-section-prefix: ".a,b" has a ',' at offset 2; use`},
		{"--redefine-sym=a=b c", `--redefine-sym: "b c" has a blank at offset 1; remove it`},
		{"--redefine-sym=*x=b c*", `--redefine-sym: "b c*" has a blank at offset 1; remove it`},
		{"--redefine-after-prefix=a=b\n", `--redefine-after-prefix: "b\n" has a line break at offset 1; remove it`},
		{"--rename-section=.a=.b ", `".b " has a blank at offset 2; remove it`},
		{"--redefine-sym=a b=c", ""}, // the object may have such a name
	} {
		fs := flag.NewFlagSet("prefix", flag.ContinueOnError)
		fs.SetOutput(io.Discard)
		f := AddFlags(fs)
		err := fs.Parse([]string{tt.option})
		if err == nil {
			_, err = f.Options()
		}
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%q: got %v, want %s", tt.option, err, tt.want)
		}
	}
}
