// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/golden"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// FuzzCompare compares any two objects that parse. Objects with different bytes
// are never equal, in either direction. An object compared with itself, but
// without SameBytes, differs only in encoding.
func FuzzCompare(f *testing.F) {
	text := string(golden.Read(f, "hyp.txt"))
	base := golden.Encode(f, parse(f, "a.o", text))
	f.Add(base, base)
	for _, c := range cases {
		f.Add(base, golden.Encode(f, parse(f, "b.o", golden.Edit(f, text, c.edits...))))
	}
	for _, c := range smallCases {
		if strings.Contains(c.a, "section") {
			f.Add(golden.Encode(f, parse(f, "a.o", c.a)), golden.Encode(f, parse(f, "b.o", c.b)))
		}
	}
	f.Fuzz(func(t *testing.T, x, y []byte) {
		a, err := elfobj.Parse("a.o", x)
		if err != nil {
			return
		}
		b, err := elfobj.Parse("b.o", y)
		if err != nil {
			return
		}
		same := bytes.Equal(x, y)
		strict := func(a, b *elfobj.Object, same bool) *Report {
			return compareBytes(t, a, b, Options{Strict: true, SameBytes: same})
		}
		forward := strict(a, b, same)
		backward := strict(b, a, same)
		if forward == nil || backward == nil {
			return
		}
		if forward.Equal != same || backward.Equal != same {
			t.Errorf("equal: %v, %v; same bytes: %v", forward.Equal, backward.Equal, same)
		}
		self := strict(a, a, false)
		if self == nil {
			return // damaged
		}
		if len(self.Units)+len(self.Symbols)+len(self.Sections)+len(self.Header) > 0 || len(self.Other) != 1 || self.Other[0].Category != "encoding" {
			t.Errorf("an object differs from itself: %+v", self)
		}
		// Last, as it changes the objects.
		if r := compareBytes(t, a, b, Options{}); r != nil && r.Equal && (len(forward.Header) > 0 || len(forward.Units) > 0) {
			t.Errorf("a difference was left out: %+v; strict: %+v", r, forward)
		}
	})
}

func compareBytes(t *testing.T, a, b *elfobj.Object, opts Options) *Report {
	r, err := Run(a, b, opts)
	if err != nil {
		return nil
	}
	var out, out2 bytes.Buffer
	if err := r.WriteJSON(&out); err != nil || !json.Valid(out.Bytes()) {
		t.Fatalf("JSON: %v", err)
	}
	if r.WriteText(textline.NewWriter(&out2), 5); out2.Len() == 0 {
		t.Fatal("no text")
	}
	return r
}
