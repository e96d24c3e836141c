// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/golden"
	"github.com/rules-hyp/rules_hyp/internal/layout"
)

func TestImageVars(t *testing.T) {
	for _, c := range []struct {
		file      string
		has, lack []string
	}{
		{
			"image-vars-6.1.h",
			[]string{
				"__kvm_nvhe_update_mask", "__kvm_nvhe_host_call", "__kvm_nvhe_rare_one", "__kvm_nvhe_without_semicolon", "__kvm_nvhe_after_it",
				"__kvm_nvhe_memcpy", "__efistub_size", "__efistub_entry_offset",
			},
			[]string{"update_mask", "__kvm_nvhe___pi_memcpy", "__kvm_nvhe_in_a_comment", "__kvm_nvhe_after_slashes", "_edata", "__kvm_nvhe_"},
		},
		{
			"image-vars-7.2.h",
			[]string{"__efistub_caches_clean_inval_pou", "__pi__ctype", "__kvm_nvhe_host_call", "__kvm_nvhe_memset", "hidden_one", "_kernel_codesize", "kimage_limit"},
			[]string{
				"_ctype", "pisym", "sym", "__kvm_nvhe___pi_memset", "ASSERT",
				"__kvm_nvhe__kernel_codesize", "__kvm_nvhe_kimage_limit", "__kvm_nvhe_hidden_one", "__kvm_nvhe___efistub_caches_clean_inval_pou", "__kvm_nvhe___pi__ctype",
			},
		},
	} {
		n := &Names{}
		if err := n.Parse(c.file, golden.Read(t, c.file)); err != nil {
			t.Fatal(err)
		}
		for _, s := range c.has {
			if !n.Has(s, layout.Bare(s, "__kvm_nvhe_", "")) {
				t.Errorf("%s does not allow %s", c.file, s)
			}
		}
		for _, s := range c.lack {
			if n.Has(s, layout.Bare(s, "__kvm_nvhe_", "")) {
				t.Errorf("%s allows %s", c.file, s)
			}
		}
	}
}

func TestPlainList(t *testing.T) {
	n := &Names{}
	if !n.Empty() {
		t.Error("a new set is not empty")
	}
	text := "# if this were a script: x;\n\nhost_call\n__kvm_nvhe_panic # why\n\tvgic_* \r\nodd#name\n"
	if err := n.Parse("list", []byte(text)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"__kvm_nvhe_host_call": true, "host_call": true, "__kvm_nvhe_panic": true, "panic": false, "__kvm_nvhe_vgic_v2": true, "vgic_": true,
		"odd#name": true, "__kvm_nvhe_other": false, "x": false, "": false,
	} {
		if n.Has(name, layout.Bare(name, "__kvm_nvhe_", "")) != want {
			t.Errorf("Has(%q) is %v", name, !want)
		}
	}
}

func TestBadLists(t *testing.T) {
	for text, want := range map[string]string{
		"host_call\nhost panic\n":                  `list:2:5: "host panic" is not a symbol name`,
		"KVM_NVHE_ALIAS(x)\n":                      `list:1:15:`,
		"x\x00y":                                   "zero byte at offset 1",
		"/* c */\n#if 1\nNEW_ALIAS(a);\n":          "list:3:1: unknown macro NEW_ALIAS(…)",
		"KVM_NVHE_ALIAS(a);\nKVM_NVHE_ALIAS(b,c);": "list:2:1: unknown macro KVM_NVHE_ALIAS(…)",
		"KVM_NVHE_ALIAS(a);\n\nENTRY start;\n":     `list:3:1: cannot tell which symbol "ENTRY start" defines`,
		"a = 1;\n/* never ends\nb":                 "",
	} {
		err := (&Names{}).Parse("list", []byte(text))
		switch {
		case want == "" && err != nil, want != "" && err == nil:
			t.Errorf("%q: %v", text, err)
		case want != "" && !strings.Contains(err.Error(), want):
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
