// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"errors"
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// dropBitcode leaves out the intermediate code of objects that hold machine code
// as well (-ffat-lto-objects). That of several objects cannot be put together
// without compiling it, so no later link must take it for the whole. Objects
// without machine code are refused.
func (l *linker) dropBitcode() error {
	var errs []error
	var first, last *inputSection
	objects := 0
	for _, isec := range l.special.bitcode {
		isec.drop(discardBitcode)
		if last != nil && last.in == isec.in {
			continue
		}
		last = isec
		objects++
		if first == nil {
			first = isec
		}
		if isec.in.isSlim() {
			errs = append(errs, isec.errorAt(errcode.Bitcode, -1, "compile it without -flto, or with -ffat-lto-objects as well",
				"the object holds a compiler's intermediate code and no machine code"))
		}
	}
	if first != nil && errs == nil {
		count := ""
		if objects > 1 {
			count = fmt.Sprintf(" (in %d objects)", objects)
		}
		l.warn(&elfobj.Error{
			Code: errcode.IntermediateCode, File: first.in.obj.Name, Section: first.sec.Name, Offset: -1, Advice: "compile without -flto if nothing else needs it",
			What: "the compiler's intermediate code is left out" + count + ", and the machine code linked",
		})
	}
	return errors.Join(errs...)
}

// isSlim reports whether gcc left the machine code to the linker. It says so by a
// common symbol and, since version 10, in a header: two 16-bit version numbers,
// then a byte that is not zero.
func (in *input) isSlim() bool {
	for i := range in.sections {
		if sec := in.sections[i].sec; sec != nil && strings.HasPrefix(sec.Name, ".gnu.lto_.lto.") && sec.Type == elf.SHT_PROGBITS {
			if d := in.sections[i].data(); len(d) > 4 && d[4] != 0 {
				return true
			}
		}
	}
	for i := in.firstGlobal; i < len(in.obj.Symbols); i++ {
		if in.obj.Symbols[i].Name == "__gnu_lto_slim" {
			return true
		}
	}
	return false
}
