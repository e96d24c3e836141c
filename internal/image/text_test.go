// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/textline"
)

func text(r *Report, lines int) string {
	var b bytes.Buffer
	r.WriteText(textline.NewWriter(&b), "hyp.o", "vmlinuz", []string{"Image"}, lines)
	return b.String()
}

func TestText(t *testing.T) {
	o := parseObject(t, hypObject)
	k := link(t, o)
	got := text(audited(t, o, k), 40)
	for _, want := range []string{
		"PROVEN: the hypervisor of vmlinuz is the one of hyp.o\n",
		"functions 3 of 3 proven\n",
		".hyp.text                  0xffff800008002100       68       68        0         0           4  3 symbols\n",
		"hyp_text                   0xffff800008002000     4096       76     3972        48           0\n",
		"of another object, not proven: 32 bytes at 0xffff800008002000: __hyp_stub_vectors\n",
		"addresses that several uses agree on: .hyp.rodata (",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no line %q in\n%s", want, got)
		}
	}
	k.Image[testHyp] ^= 1
	k.Image[testRodata] ^= 1
	got = text(audited(t, o, k), 1)
	if !strings.HasPrefix(got, "NOT PROVEN: 2 differences between") || !strings.Contains(got, "and 1 more differences") || strings.Count(got, ": has ") != 1 {
		t.Errorf("two differences, of which one is to be shown:\n%s", got)
	}
}

func TestJSON(t *testing.T) {
	o := parseObject(t, hypObject)
	var b bytes.Buffer
	if err := audited(t, o, link(t, o)).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var r map[string]any
	if err := json.Unmarshal(b.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r["schema"] != 1.0 || r["proven"] != true || r["link_address"] != "0xffff800008000000" {
		t.Errorf("schema %v, proven %v, link address %v", r["schema"], r["proven"], r["link_address"])
	}
	for _, list := range []string{"compilers", "sections", "ranges", "sections_without_range", "solved_addresses", "linker_changes", "differences"} {
		if _, ok := r[list].([]any); !ok {
			t.Errorf("%s is %v, want a list", list, r[list])
		}
	}
}
