// SPDX-License-Identifier: Apache-2.0

package undefined

import (
	"reflect"
	"testing"
)

const list = `
/* KVM_NVHE_ALIAS(in_a_comment); */
#define KVM_NVHE_ALIAS_HYP(first, second) \
	__kvm_nvhe_##first = __kvm_nvhe_##second; KVM_NVHE_ALIAS(in_a_macro)
PROVIDE(__efistub_size	= _edata - _text);
PROVIDE( __pi_memcpy = __pi___memcpy );
__pi_plain = other;
#ifdef CONFIG_KVM
KVM_NVHE_ALIAS(zero);
KVM_NVHE_ALIAS ( one ); // KVM_NVHE_ALIAS(after)
#else
KVM_NVHE_ALIAS_HYP(two, __pi_two);
#endif
ASSERT(__pi_text == 0, "x")
`

func TestSymbols(t *testing.T) {
	for _, test := range []struct {
		prefix string
		want   []string
	}{
		{"__kvm_nvhe_", []string{"__kvm_nvhe_one", "__kvm_nvhe_two", "__kvm_nvhe_zero"}},
		{"__pi_", []string{"__pi_memcpy", "__pi_plain"}},
		{"__efistub_", []string{"__efistub_size"}},
		{"__other_", []string{}},
	} {
		if got := Symbols(list, test.prefix); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.prefix, got, test.want)
		}
	}
}
