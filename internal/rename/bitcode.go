// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Warning returns what users should know about an object that Apply has changed,
// or nil: a compiler's intermediate code beside the machine code keeps the old
// names of symbols, and a link with -flto would take it instead.
func Warning(o *elfobj.Object, opts Options) *elfobj.Error {
	if opts.SymbolPrefix == "" && opts.SymbolSuffix == "" && opts.Redefine.empty() && opts.RedefinePrefixed.empty() {
		return nil
	}
	for _, s := range o.Sections {
		// A section prefix hides the code from compilers.
		if s != nil && elfobj.IsBitcode(s.Name) {
			pattern := s.Name
			if strings.HasPrefix(pattern, ".gnu.") {
				pattern = ".gnu.*lto_*"
			}
			return &elfobj.Error{
				Code: errcode.OldNames, File: o.Name, Section: s.Name, Offset: -1, What: "the compiler's intermediate code keeps the old names of symbols",
				Advice: "remove it with --remove-section='" + pattern + "', or link the object with hyplink, which leaves it out",
			}
		}
	}
	return nil
}
