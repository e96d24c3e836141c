// SPDX-License-Identifier: Apache-2.0

package picture

import (
	"bytes"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/layout"
)

// Any object that can be read has a page, and one of its differences from another object,
// whose data is JSON; or there is an error.
func FuzzLayout(f *testing.F) {
	o := parse(f, sample)
	seed, err := o.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := elfobj.Parse("fuzz.o", b)
		if err != nil {
			return
		}
		if page, err := comparePage(t, parse(t, sample), o); err == nil {
			dataOf(t, page)
		}
		if o, err = elfobj.Parse("fuzz.o", b); err != nil { // the comparison may change it
			t.Fatal(err)
		}
		var page bytes.Buffer
		if WriteLayout(&page, o, layout.Options{}) == nil {
			dataOf(t, page.String())
		}
	})
}
