// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// makeRelative turns the 64-bit addresses in some sections into offsets from where
// they are.
func (opts *Options) makeRelative(o *elfobj.Object) error {
	for _, s := range o.Sections {
		if s == nil || !opts.RelativeSections.Has(s.Name) || s.RelocCount() == 0 {
			continue
		}
		if o.Machine.Prel64 == 0 {
			return &elfobj.Error{
				Code: errcode.NotRelative, File: o.Name, Section: s.Name, Offset: -1,
				What:   o.Machine.Name + " has no 64-bit relocation that is relative to its place",
				Advice: "leave out --relative-section, or compute the offsets in the source",
			}
		}
		s.RetypeRelocs(o.Machine.Abs64, o.Machine.Prel64, o.BigEndian)
	}
	return nil
}
