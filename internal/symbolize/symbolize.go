// SPDX-License-Identifier: Apache-2.0

// Package symbolize says what code an address of a linked kernel is in: function, offset, source line.
//
// The names come from the symbol table, and the lines from DWARF, of vmlinux. An address is one that the linker assigned; of a kernel that was loaded
// elsewhere, the offset must be subtracted first.
package symbolize

import (
	"cmp"
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Kernel is a linked kernel with symbols.
type Kernel struct {
	functions []function // by address
	sections  []section
	dwarf     *dwarf.Data // nil without debug information
}

// function is a symbol at code, or a label of assembly.
type function struct {
	address, size uint64
	name          string
}

// section is a range of addresses with code.
type section struct{ start, end uint64 }

// Place is what an address is in.
type Place struct {
	Function string // the symbol's name
	Offset   uint64 // from its start
	File     string // the source file, empty if debug information does not have it
	Line     int    // the line in it
}

// String formats a place: FUNCTION+0xOFFSET (FILE:LINE).
func (p Place) String() string {
	s := fmt.Sprintf("%s+%#x", p.Function, p.Offset)
	if p.File != "" {
		s += fmt.Sprintf(" (%s:%d)", p.File, p.Line)
	}
	return s
}

// New reads the symbols of a linked kernel. It may have no debug information; damaged debug information is an error.
func New(r io.ReaderAt) (*Kernel, error) {
	file, err := elf.NewFile(r)
	if err != nil {
		return nil, errcode.KernelSymbols.Errorf("%w", err)
	}
	k := &Kernel{}
	for _, s := range file.Sections {
		if s.Flags&elf.SHF_EXECINSTR != 0 && s.Addr+s.Size > s.Addr {
			k.sections = append(k.sections, section{s.Addr, s.Addr + s.Size})
		}
	}
	symbols, err := file.Symbols()
	if err != nil {
		return nil, errcode.KernelSymbols.Errorf("it has no symbols (%w); give the vmlinux that is not stripped", err)
	}
	for _, s := range symbols {
		if kind := elf.ST_TYPE(s.Info); kind != elf.STT_FUNC && kind != elf.STT_NOTYPE || mappingSymbol(s.Name) || !k.isCode(s.Value) {
			continue
		}
		k.functions = append(k.functions, function{s.Value, s.Size, s.Name})
	}
	// Of several symbols at an address the one with a size is the function; then the order is that of names, so that it is always the same.
	slices.SortFunc(k.functions, func(a, b function) int {
		return cmp.Or(cmp.Compare(a.address, b.address), cmp.Compare(b.size, a.size), strings.Compare(a.name, b.name))
	})
	if file.Section(".debug_info") == nil && file.Section(".zdebug_info") == nil {
		return k, nil
	}
	if k.dwarf, err = file.DWARF(); err != nil {
		return nil, errcode.KernelSymbols.Errorf("debug information: %w", err)
	}
	return k, nil
}

// mappingSymbol reports whether a name is one of AAELF64 5.5.4, or a local label.
func mappingSymbol(name string) bool {
	return name == "" || name[0] == '$' || strings.HasPrefix(name, ".L")
}

func (k *Kernel) isCode(address uint64) bool {
	return slices.ContainsFunc(k.sections, func(s section) bool { return s.start <= address && address < s.end })
}

// Find says what an address is in. It returns false for one that is not in code.
func (k *Kernel) Find(address uint64) (Place, bool) {
	if !k.isCode(address) {
		return Place{}, false
	}
	// The last function that starts at or before the address; of several at one address, the first.
	next, _ := slices.BinarySearchFunc(k.functions, address, func(f function, a uint64) int {
		if f.address <= a {
			return -1
		}
		return 1
	})
	if next == 0 {
		return Place{}, false
	}
	first := next - 1
	for first > 0 && k.functions[first-1].address == k.functions[next-1].address {
		first--
	}
	f := k.functions[first]
	p := Place{Function: f.name, Offset: address - f.address}
	p.File, p.Line = k.line(address)
	return p, true
}

// FindCall says what the call is in that returns to an address: the instruction before it. A call that never returns may be the last of its function.
func (k *Kernel) FindCall(address uint64) (Place, bool) {
	const instruction = 4
	p, ok := k.Find(address - instruction)
	p.Offset += instruction
	return p, ok
}

// line returns the source line of an address, or nothing: the address is true whether or not debug information has it.
func (k *Kernel) line(address uint64) (file string, line int) {
	if k.dwarf == nil {
		return "", 0
	}
	unit, err := k.dwarf.Reader().SeekPC(address)
	if err != nil {
		return "", 0
	}
	lines, err := k.dwarf.LineReader(unit)
	if err != nil || lines == nil {
		return "", 0
	}
	entry, ok := Row(lines, address)
	if !ok || entry.File == nil || entry.Line <= 0 {
		return "", 0
	}
	return relative(entry.File.Name, unit), entry.Line
}

// Row returns the row of a line table for an address. A table has a sequence of rows
// for each section, in any order; LineReader.SeekPC wants them by address.
func Row(lines *dwarf.LineReader, address uint64) (dwarf.LineEntry, bool) {
	row := dwarf.LineEntry{EndSequence: true}
	for {
		var next dwarf.LineEntry
		if err := lines.Next(&next); err != nil {
			return row, false
		}
		if !row.EndSequence && row.Address <= address && address < next.Address {
			return row, true
		}
		row = next
	}
}

// relative returns a file's name without the directory that the compiler ran in.
func relative(name string, unit *dwarf.Entry) string {
	directory, _ := unit.Val(dwarf.AttrCompDir).(string)
	return strings.TrimPrefix(strings.TrimPrefix(name, strings.TrimSuffix(directory, "/")+"/"), "./")
}
