// SPDX-License-Identifier: Apache-2.0

package image

import (
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// WriteText writes the report for people. object and kernel are the names of the
// files, from says what the kernel was unpacked from. At most lines differences are
// listed, or all if lines is negative.
func (r *Report) WriteText(w *textline.Writer, object, kernel string, from []string, lines int) {
	if r.Proven {
		w.Linef("PROVEN: the hypervisor of %s is the one of %s", kernel, object)
	} else {
		w.Linef("NOT PROVEN: %d differences between the hypervisor of %s and the one of %s", len(r.Differences), kernel, object)
	}
	w.Linef("  kernel    %s", orNone(r.Banner))
	w.Linef("  file      %s; symbols from %s", strings.Join(from, ", "), r.Symbols)
	w.Linef("  compiler  %s (by the object's .comment)", orNone(strings.Join(r.Compilers, ", ")))
	w.Linef("  functions %d of %d proven", r.FunctionsProven, r.Functions)
	w.Line("")
	w.Linef("%-26s %-18s %8s %8s %8s %9s %11s  %s", "section", "address", "size", "proven", "solved", "different", "relocations", "found by")
	for _, s := range r.Sections {
		w.Linef("%-26s %-18s %8d %8d %8d %9d %11d  %s", s.Name, fmt.Sprintf("%#x", uint64(s.Address)), s.Size, s.Proven, s.Solved, s.Different, s.Relocations, s.foundBy())
	}
	w.Line("")
	w.Linef("%-26s %-18s %8s %8s %8s %9s %11s", "range", "address", "size", "object", "padding", "others'", "unexplained")
	for _, s := range r.Ranges {
		w.Linef("%-26s %-18s %8d %8d %8d %9d %11d", s.Name, fmt.Sprintf("%#x", uint64(s.Start)), s.Size, s.Object, s.Padding, s.Other, s.Unexplained)
	}
	for _, s := range r.Ranges {
		for _, o := range s.Others {
			more := ""
			if o.Symbols > 1 {
				more = fmt.Sprintf(" and %d more symbols", o.Symbols-1)
			}
			w.Linef("  of another object, not proven: %d bytes at %#x: %s%s", o.Size, uint64(o.Address), o.Name, more)
		}
		if s.Linker > 0 {
			w.Linef("  of the linker: %d bytes in %s", s.Linker, s.Name)
		}
	}
	if len(r.Bare) > 0 {
		w.Linef("  the kernel's symbols give no range around %s: nothing is said of what is beside", strings.Join(r.Bare, ", "))
	}
	r.writeAddresses(w)
	r.writeLinker(w)
	if len(r.Differences) > 0 {
		w.Line("")
	}
	for i, d := range r.Differences {
		if i == lines {
			w.Linef("and %d more differences; --lines=-1 lists them", len(r.Differences)-i)
			break
		}
		w.Line(d.String())
	}
}

// writeLinker lists what the linker rewrote, by rule.
func (r *Report) writeLinker(w *textline.Writer) {
	at := map[string][]string{}
	var rules []string
	for _, l := range r.Linker {
		if at[l.What] == nil {
			rules = append(rules, l.What)
		}
		at[l.What] = append(at[l.What], l.At)
	}
	for _, rule := range rules {
		w.Linef("rewritten by the linker, to the same effect: %s (%d): %s", rule, len(at[rule]), strings.Join(at[rule], ", "))
	}
}

func (r *Report) writeAddresses(w *textline.Writer) {
	var confirmed, once []string
	for _, a := range r.Addresses {
		if a.Confirmed {
			confirmed = append(confirmed, fmt.Sprintf("%s (%d)", a.Name, a.Uses))
		} else {
			once = append(once, a.Name)
		}
	}
	if len(confirmed) > 0 {
		w.Linef("addresses that several uses agree on: %s", strings.Join(confirmed, ", "))
	}
	if len(once) > 0 {
		w.Linef("addresses that one use says, solved but not verified: %s", strings.Join(once, ", "))
	}
}

func (s *Section) foundBy() string {
	switch s.Found {
	case foundNot:
		return "not found"
	case foundBySymbol:
		return fmt.Sprintf("%d symbols", s.Uses)
	case foundByContent:
		return fmt.Sprintf("%d of its relocations", s.Uses)
	}
	return fmt.Sprintf("%d references", s.Uses)
}

func orNone(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// String formats a difference as one line.
func (d *Difference) String() string {
	where := d.Symbol
	if d.Input != "" {
		where += " of " + d.Input
	}
	more := ""
	if d.More > 0 {
		more = fmt.Sprintf(" (and %d more)", d.More)
	}
	return fmt.Sprintf("%s+%#x: %s at %#x: %s: has %s, want %s%s", d.Section, d.Offset, where, uint64(d.Address), d.Cause, d.Have, d.Want, more)
}
