// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// maxClashes is how many clashes are reported.
const maxClashes = 10

// identity is what other objects know a symbol by.
type identity struct {
	name  string
	local bool
}

// symbolsBefore remembers what the symbols are, when they can clash
// afterwards: one prefix and one suffix of all names keep different names different.
func (opts *Options) symbolsBefore(o *elfobj.Object) []identity {
	uniform := opts.SymbolPrefix == "" && opts.SymbolSuffix == "" || opts.PrefixClasses == 0 || opts.PrefixClasses == All
	if uniform && opts.Redefine.empty() && opts.RedefinePrefixed.empty() && opts.Globalize == nil {
		return nil
	}
	before := make([]identity, len(o.Symbols))
	for i := range o.Symbols {
		before[i] = identity{o.Symbols[i].Name, o.Symbols[i].IsLocal()}
	}
	return before
}

// checkSymbols makes sure that no two symbols became one: two that other
// objects see must not have one name, unless they had one before.
func checkSymbols(o *elfobj.Object, before []identity) error {
	if before == nil {
		return nil
	}
	seen := make(map[string]int, len(o.Symbols))
	var errs []error
	for i := range o.Symbols {
		s := &o.Symbols[i]
		if i == 0 || s.IsLocal() || s.IsDropped() || s.Name == "" {
			continue
		}
		first, ok := seen[s.Name]
		if !ok {
			seen[s.Name] = i
			continue
		}
		if before[i] == before[first] && !before[i].local {
			continue
		}
		if len(errs) == maxClashes {
			errs = append(errs, &elfobj.Error{Code: errcode.SymbolClash, File: o.Name, Offset: -1, What: "more symbols clash"})
			break
		}
		errs = append(errs, &elfobj.Error{
			Code: errcode.SymbolClash, File: o.Name, Offset: -1,
			What:   fmt.Sprintf("two symbols are to be named %s: %s and %s", s.Name, describe(o, first, before), describe(o, i, before)),
			Advice: "give one of them another name, or leave one of them as it is",
		})
	}
	return errors.Join(errs...)
}

// describe says what a symbol was before, and where it is.
func describe(o *elfobj.Object, i int, before []identity) string {
	s := &o.Symbols[i]
	where := ""
	switch sec := o.SectionOf(s); {
	case sec != nil:
		where = fmt.Sprintf("%s+%#x", sec.Name, s.Value)
	case s.IsUndefined():
		where = "undefined"
	case s.Section == elfobj.Common:
		where = "common"
	case s.Section == elfobj.Livepatch:
		where = "livepatch"
	default:
		where = "absolute"
	}
	if before[i].local {
		where += ", local"
	}
	return fmt.Sprintf("%s (%s)", before[i].name, where)
}
