// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// sectionName is the new name of a section.
func (opts *Options) sectionName(name string, alloc bool) string {
	if to, ok := opts.RenameSections[name]; ok {
		name = to
	}
	if alloc && opts.AllocSectionPrefix != "" {
		return opts.AllocSectionPrefix + name
	}
	return opts.SectionPrefix + name
}

// renameSections gives sections their new names. Two names must not become one:
// a linker would put the two sections together from then on.
func (opts *Options) renameSections(o *elfobj.Object) error {
	if len(opts.RenameSections) == 0 && opts.SectionPrefix == "" && opts.AllocSectionPrefix == "" {
		return nil
	}
	olds := map[string]string{} // by new name
	var errs []error
	for _, s := range o.Sections {
		if s == nil {
			continue
		}
		old := s.Name
		s.Name = opts.sectionName(old, s.IsAlloc())
		first, ok := olds[s.Name]
		if !ok {
			olds[s.Name] = old
		} else if first != old {
			errs = append(errs, &elfobj.Error{
				Code: errcode.SectionClash, File: o.Name, Section: old, Offset: -1,
				What:   fmt.Sprintf("is to be named %s, and so is section %s", s.Name, first),
				Advice: "give one of them another name, or put them together by a linker script",
			})
		}
	}
	for i := range o.Groups {
		o.Groups[i].Name = opts.sectionName(o.Groups[i].Name, false)
	}
	return errors.Join(errs...)
}
