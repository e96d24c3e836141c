// SPDX-License-Identifier: Apache-2.0

package hyprel

import "github.com/rules-hyp/rules_hyp/internal/elfobj"

// Listed returns the first address in a table of hyp relocations that is in one of
// some sections: the section and the offset in it. The section is nil if there is
// none, or no table.
func Listed(o *elfobj.Object, in func(*elfobj.Section) bool) (*elfobj.Section, int64, error) {
	table := o.Section(TableSection)
	if table == nil {
		return nil, 0, nil
	}
	for rel, err := range o.Relocations(table) {
		if err != nil {
			return nil, 0, err
		}
		if sym := &o.Symbols[rel.Symbol]; sym.Section > 0 && in(o.Sections[sym.Section]) {
			return o.Sections[sym.Section], int64(sym.Value) + rel.Addend, nil
		}
	}
	return nil, 0, nil
}
