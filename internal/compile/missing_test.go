// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"slices"
	"strings"
	"testing"
)

// In a kernel tree, the command comes first; a header that kbuild makes asks for make prepare.
func TestAdvice(t *testing.T) {
	headers := strings.Fields("k/arch/arm64/include/asm/asm-offsets.h k/include/linux/cfi.h k/drivers/x/y.h")
	const command = "hypgen init -workspace . ../linux"
	for _, test := range []struct{ name, regenerate, want string }{
		{"linux/mtd/cfi.h", command, "linux/mtd/cfi.h: not a header that hypgen has listed; run hypgen again: " + command + " ("},
		{"generated/asm-offsets.h", command, "the kernel tree does not have it: it is not prepared; run `make ARCH=arm64 … prepare` in it"},
		{"x/y.h", command, "k/drivers/x/y.h is an input of this action, but no include directory leads to it"},
		{"../x/y.h", command, "k/drivers/x/y.h is an input of this action, but no include directory leads to it"},
		{"z/cfi.h", "", "k/include/linux/cfi.h is an input of this action, but no include directory leads to it"},
		{"generated/asm-offsets.h", "", "not an input of this action; in a kernel tree, run `make ARCH=arm64 … prepare` in it"},
		{"lost.h", "", "lost.h: not an input of this action; add the file to hdrs (for .incbin, to additional_compiler_inputs)"},
	} {
		if got := adviceFor(test.name, headers, test.regenerate).Error(); !strings.Contains(got, test.want) {
			t.Errorf("%s with %q: got %q, want %q in it", test.name, test.regenerate, got, test.want)
		}
	}
}

func TestSplitHeaders(t *testing.T) {
	for _, test := range []struct {
		lines   []string
		command string
	}{
		{nil, ""},
		{[]string{"a.h"}, ""},
		{[]string{"# regenerate: hypgen -x", "a.h"}, "hypgen -x"},
	} {
		headers, command := splitHeaders(test.lines)
		if command != test.command || slices.ContainsFunc(headers, func(h string) bool { return h != "a.h" }) {
			t.Errorf("%q: got %q, %q", test.lines, headers, command)
		}
	}
}
