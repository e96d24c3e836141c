// SPDX-License-Identifier: Apache-2.0

package image

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kallsyms"
)

// symbols are those of the shipped kernel.
type symbols struct {
	byName map[string][]uint64
	sorted []symbol
}

type symbol struct {
	at   uint64
	name string
}

func newSymbols(list []symbol) *symbols {
	slices.SortStableFunc(list, func(a, b symbol) int { return cmp.Compare(a.at, b.at) })
	s := &symbols{byName: make(map[string][]uint64, len(list)), sorted: list}
	for i := range list {
		if at := s.byName[list[i].name]; !slices.Contains(at, list[i].at) && len(at) < maxNamesakes {
			s.byName[list[i].name] = append(at, list[i].at)
		}
	}
	return s
}

// maxNamesakes is how many symbols of one name are looked at. Local symbols of
// different sources may share one.
const maxNamesakes = 64

// one returns the address of a symbol, if there is one.
func (s *symbols) one(name string) (uint64, bool) {
	at := s.byName[name]
	if len(at) != 1 {
		return 0, false
	}
	return at[0], true
}

// before returns the last symbol at or before an address.
func (s *symbols) before(at uint64) (symbol, bool) {
	i, _ := slices.BinarySearchFunc(s.sorted, at+1, func(a symbol, b uint64) int { return cmp.Compare(a.at, b) })
	if i == 0 {
		return symbol{}, false
	}
	return s.sorted[i-1], true
}

// after returns the first symbol after an address.
func (s *symbols) after(at uint64) (symbol, bool) {
	i, _ := slices.BinarySearchFunc(s.sorted, at+1, func(a symbol, b uint64) int { return cmp.Compare(a.at, b) })
	if i == len(s.sorted) {
		return symbol{}, false
	}
	return s.sorted[i], true
}

// readSymbols takes the symbols from System.map, from vmlinux or from the image.
func (a *audit) readSymbols(opts Options) error {
	r := a.report
	switch {
	case len(opts.SystemMap) > 0:
		r.Symbols = "System.map"
		return a.fromSystemMap(opts)
	case len(a.kernel.Symbols) > 0:
		r.Symbols = "vmlinux"
		list := make([]symbol, 0, len(a.kernel.Symbols))
		for _, s := range a.kernel.Symbols {
			list = append(list, symbol{s.Address - a.base, s.Name})
		}
		a.symbols = newSymbols(list)
		return nil
	}
	r.Symbols = "kallsyms"
	if err := a.fromKallsyms(); err != nil {
		return fmt.Errorf("%s: %w", opts.SymbolsName, err)
	}
	return nil
}

func (a *audit) fromSystemMap(opts Options) error {
	base, found := uint64(0), false
	for _, s := range opts.SystemMap {
		if s.Name == "_text" {
			base, found = s.Address, true
		}
	}
	if !found {
		return errcode.SystemMapMalformed.Errorf("%s: no symbol _text; give the System.map of the kernel, which linux-image of Debian only refers to", opts.SymbolsName)
	}
	if a.linked && base != a.base {
		return errcode.SystemMapMismatch.Errorf("%s: _text is %#x, but the kernel starts at %#x; give the System.map of this kernel", opts.SymbolsName, base, a.base)
	}
	a.base, a.linked = base, true
	list := make([]symbol, 0, len(opts.SystemMap))
	for _, s := range opts.SystemMap {
		if !strings.HasPrefix(s.Name, "$") {
			list = append(list, symbol{s.Address - base, s.Name})
		}
	}
	a.symbols = newSymbols(list)
	return nil
}

// entrySymbol is what the branch in the header of an Image goes to.
const entrySymbol = "primary_entry"

func (a *audit) fromKallsyms() error {
	t, err := kallsyms.Find(a.img)
	if err != nil {
		advice := "give the kernel's System.map or its vmlinux with symbols"
		if errors.Is(err, kallsyms.ErrNone) {
			advice = "the kernel was built without CONFIG_KALLSYMS, or this is no kernel; " + advice
		}
		return fmt.Errorf("%w; %s", err, advice)
	}
	bias, err := a.kallsymsBias(t)
	if err != nil {
		return err
	}
	list := make([]symbol, len(t.Symbols))
	for i, s := range t.Symbols {
		list[i] = symbol{uint64(s.Offset) + bias, s.Name}
	}
	a.symbols = newSymbols(list)
	if !a.linked && t.BaseField >= 0 {
		a.base, a.linked = a.linkAddress(uint64(t.BaseField), bias)
	}
	return nil
}

// kallsymsBias returns the address that offsets of a table are from. It follows
// from the header's branch, and _text is at the start.
func (a *audit) kallsymsBias(t *kallsyms.Table) (uint64, error) {
	var entry, text []uint64
	for _, s := range t.Symbols {
		switch s.Name {
		case entrySymbol:
			entry = append(entry, uint64(s.Offset))
		case "_text":
			text = append(text, uint64(s.Offset))
		}
	}
	at, branches := a.headerBranch()
	switch {
	case t.FromStart && (len(text) == 1 && text[0] != 0 || branches && len(entry) == 1 && at != entry[0]):
		return 0, errcode.KallsymsDamaged.Errorf("kallsyms table: _text is not at the start, or the header branches elsewhere than to " + entrySymbol + "; the image is damaged")
	case t.FromStart:
		return 0, nil
	case len(entry) == 1 && branches:
		bias := at - entry[0]
		if len(text) == 1 && text[0]+bias != 0 {
			return 0, errcode.KallsymsDamaged.Errorf("kallsyms table: _text is %#x bytes from the start, by where the header branches to; the image is damaged", text[0]+bias)
		}
		return bias, nil
	case len(text) == 1:
		return -text[0], nil
	}
	return 0, errcode.KallsymsDamaged.Errorf("kallsyms table: what its offsets are from is unknown: it has no %s and no _text; give the kernel's System.map", entrySymbol)
}

// headerBranch returns the target of the branch in the first two words of an
// Image (Documentation/arm64/booting.rst).
func (a *audit) headerBranch() (uint64, bool) {
	jump, _ := a.o.Machine.RelocNumber("JUMP26")
	bits, _ := a.o.Machine.FieldBits(jump)
	for _, at := range []uint64{0, 4} {
		if b := a.bytesAt(at, 4); b != nil {
			if w := binary.LittleEndian.Uint32(b); w&^uint32(bits) == 0x14000000 {
				return a.o.Machine.Linked(jump, uint64(w), at).Value, true
			}
		}
	}
	return 0, false
}

// name describes an address by the kernel's symbols.
func (a *audit) name(at uint64) string {
	s, ok := a.symbols.before(at)
	switch {
	case at >= a.memory():
		return fmt.Sprintf("outside the kernel (%+#x)", int64(at))
	case !ok:
		return fmt.Sprintf("_text+%#x", at)
	case s.at == at:
		return s.name
	}
	return fmt.Sprintf("%s+%#x", s.name, at-s.at)
}

// memory is how many bytes the kernel takes in memory, as far as that is known.
func (a *audit) memory() uint64 {
	return max(a.kernel.Size, uint64(len(a.img)), a.lastSymbol()+1)
}

func (a *audit) lastSymbol() uint64 {
	if end, ok := a.symbols.one("_end"); ok {
		return end
	}
	return 0
}
