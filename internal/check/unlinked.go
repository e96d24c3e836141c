// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// Unlinked checks objects that are to be linked, as compilers write them, for
// undefined symbols: each must be defined by one of the objects, by one of others,
// which are not checked, or by the script, or be on the list, where it may have
// prefix and suffix of Options. There is a report for each object.
func Unlinked(objects, others []*elfobj.Object, opts Options) ([]*Report, error) {
	defined := map[string]bool{}
	if opts.Script != nil {
		for _, a := range opts.Script.Assignments() {
			defined[a.Name] = true
		}
	}
	for _, o := range slices.Concat(objects, others) {
		for i := 1; i < len(o.Symbols); i++ {
			if s := &o.Symbols[i]; !s.IsLocal() && !s.IsUndefined() && !s.IsDropped() {
				defined[s.Name] = true
			}
		}
	}
	// A list is of names as in the linked object, and an object has them without.
	prefix, suffix := opts.SymbolPrefix, opts.SymbolSuffix
	opts.SymbolPrefix, opts.SymbolSuffix, opts.Map = "", "", nil
	reports := make([]*Report, len(objects))
	for n, o := range objects {
		c, err := newChecker(o, opts)
		if err != nil {
			return nil, err
		}
		c.unlinked = true
		for i := 1; i < len(o.Symbols); i++ {
			s := &o.Symbols[i]
			if !s.IsLocal() && s.IsUndefined() && !s.IsDropped() && !defined[s.Name] && !c.opts.Undefined.Has(prefix+s.Name+suffix, s.Name) {
				c.undefined(uint32(i))
			}
		}
		if err := c.findUses(); err != nil {
			return nil, err
		}
		reports[n] = c.report()
		reports[n].unlinked = true
	}
	return reports, nil
}

// findUses finds the uses of what the findings are about.
func (c *checker) findUses() error {
	if !c.uses.tracking() {
		return nil
	}
	for i, s := range c.o.Sections {
		if s == nil || !s.IsAlloc() {
			continue
		}
		for rel, err := range c.o.Relocations(s) {
			if err != nil {
				return err
			}
			c.uses.record(c, elfobj.SectionIndex(i), &rel)
		}
	}
	c.addUses()
	return nil
}
