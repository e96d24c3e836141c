// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/golden"
)

// FuzzCheck checks any object that parses. The result must be deterministic and
// its JSON valid.
func FuzzCheck(f *testing.F) {
	f.Add(golden.Encode(f, object(f)), true)
	for _, c := range slices.Concat(broken, brokenEvents) {
		f.Add(golden.Encode(f, object(f, c.edits...)), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, withScript bool) {
		o, err := elfobj.Parse("hyp.o", data)
		if err != nil {
			return
		}
		opts := options()
		opts.RequireBTI, opts.ShadowCallStack = true, withScript
		opts.HostEvents = &HostEvents{"vmlinux", []string{"hyp_enter", "hyp_exit"}}
		if withScript {
			opts.Script = script(t)
		}
		var out [2]bytes.Buffer
		for i := range out {
			r, err := Run(o, opts)
			if err != nil {
				return
			}
			if err := r.WriteJSON(&out[i]); err != nil {
				t.Fatal(err)
			}
			if r.Passed != (textOf(r) == "") {
				t.Errorf("passed is %v, but the text is %q", r.Passed, textOf(r))
			}
		}
		if !bytes.Equal(out[0].Bytes(), out[1].Bytes()) {
			t.Error("two runs differ")
		}
		if !json.Valid(out[0].Bytes()) {
			t.Error("invalid JSON")
		}
	})
}

// FuzzNames parses lists of symbols. Each name of a plain list must be in the
// set.
func FuzzNames(f *testing.F) {
	f.Add("a\nb # c\n")
	f.Add("KVM_NVHE_ALIAS(a);\n/* c */ PROVIDE(b = c);\n#if x \\\n y\nd = e;")
	f.Add(string(golden.Read(f, "image-vars-6.1.h")))
	f.Add(string(golden.Read(f, "image-vars-7.2.h")))
	f.Fuzz(func(t *testing.T, text string) {
		n := &Names{}
		if n.Parse("list", []byte(text)) != nil || isScript([]byte(text)) {
			return
		}
		for line := range strings.Lines(text) {
			name := strings.TrimSpace(line)
			if name != "" && !strings.ContainsAny(name, "# \t\r\v\f\u0085\u00a0*?") && !n.Has(name, name) {
				t.Errorf("%q is not in the list", name)
			}
		}
	})
}

// FuzzPolicy parses policy files.
func FuzzPolicy(f *testing.F) {
	f.Add([]byte(`{"schema": 1, "off": [{"id": "HYP003", "reason": "r"}]}`))
	f.Add([]byte(`{"schema": 1, "symbol_prefix": "x", "allowed_sections": ["*"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParsePolicy("p", data)
		if err == nil && p.Schema != PolicySchema {
			t.Error("a policy without a schema was accepted")
		}
	})
}
