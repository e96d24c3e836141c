// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"strings"
	"testing"
)

// TestKernelMacroLeak feeds what a kernel once made of hyp.lds.S: a header
// meant for the assembler was included, and its macros came out of the
// preprocessor. The error must name the header's line.
func TestKernelMacroLeak(t *testing.T) {
	src := `# 1 "arch/arm64/kvm/hyp/nvhe/hyp.lds.S"
# 40 "arch/arm64/include/asm/assembler.h" 1
 .macro save_and_disable_daif, flags
 mrs \flags, daif
 .endm
# 12 "arch/arm64/kvm/hyp/nvhe/hyp.lds.S" 2
SECTIONS { .hyp.text : { *(.text) } }
`
	_, err := Parse("hyp.lds", []byte(src))
	if err == nil || !strings.HasPrefix(err.Error(), "arch/arm64/include/asm/assembler.h:40:2: ") {
		t.Errorf("got %v, want an error at arch/arm64/include/asm/assembler.h:40:2", err)
	}
}
