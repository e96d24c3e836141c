// SPDX-License-Identifier: Apache-2.0

package link

import (
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// numberedWarning is a warning about a thing that has a number in the order of the inputs.
type numberedWarning struct {
	number  uint32
	warning *elfobj.Error
}

// compareCommon compares a definition with a common symbol of its name, which it
// replaces; one of the two is common. The object with the common symbol counts on the size and alignment that it
// asked for: where the definition has less, it writes into the next variable, or
// its code faults. GNU ld warns as well, of the size in one order of the objects only.
func (g *symbol) compareCommon(in *input, s *elfobj.Symbol) *elfobj.Error {
	if !g.defined() || s.IsUndefined() {
		return nil
	}
	common, commonIn, def, defIn := &g.def, g.in, s, in
	if s.Section == elfobj.Common {
		common, commonIn, def, defIn = s, in, &g.def, g.in
	}
	if rank(def) != rankStrong || def.Section > 0 && defIn.sections[def.Section].discard.elsewhere() {
		return nil
	}
	align := def.Value & -def.Value // 0 for no bit at all, which any alignment goes with
	if def.Section > 0 {
		if a := defIn.sections[def.Section].align(); align == 0 || a < align {
			align = a
		}
	}
	small, loose := def.Size != 0 && def.Size < common.Size, align != 0 && align < common.Value
	if !small && !loose {
		return nil
	}
	what := fmt.Sprintf("symbol %q has %d bytes, but %d", def.Name, def.Size, common.Size)
	if loose {
		what = fmt.Sprintf("symbol %q is aligned to %d, but to %d", def.Name, align, common.Value)
	}
	if small && loose {
		what = fmt.Sprintf("symbol %q has %d bytes and is aligned to %d, but %d bytes and to %d", def.Name, def.Size, align, common.Size, common.Value)
	}
	return &elfobj.Error{
		Code: errcode.CommonMismatch, File: defIn.obj.Name, Section: sectionName(defIn, def), Offset: int64(def.Value),
		What:   what + fmt.Sprintf(" as a common symbol in %s", commonIn.obj.Name),
		Advice: "declare it alike in both, with the larger size and the stricter alignment",
	}
}

// warnCommon gives the warnings of compareCommon.
func (l *linker) warnCommon() error {
	for _, w := range l.commonWarnings {
		l.warn(w.warning)
	}
	return nil
}
