// SPDX-License-Identifier: Apache-2.0

package vmlinuz

import (
	"bytes"
	"debug/elf"
	"encoding/binary"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Sizes of the structures of ELF64.
const (
	ehdrSize = 64
	shdrSize = 64
	symSize  = 24
)

// section is a section header.
type section struct {
	typ            elf.SectionType
	flags          elf.SectionFlag
	addr, off, len uint64
	link           uint32
}

// openELF lays out the sections of a vmlinux as they are in an Image, and reads
// its symbols.
func (k *Kernel) openELF(data []byte) error {
	const damaged = "the file is damaged"
	if len(data) < ehdrSize {
		return errcode.KernelDamaged.Errorf("is an ELF file that ends in its header; %s", damaged)
	}
	le := binary.LittleEndian
	if elf.Class(data[elf.EI_CLASS]) != elf.ELFCLASS64 || elf.Data(data[elf.EI_DATA]) != elf.ELFDATA2LSB {
		return errcode.KernelFormat.Errorf("is an ELF file, but no little-endian one of 64 bits; give the vmlinux of an arm64 kernel")
	}
	k.Machine = elf.Machine(le.Uint16(data[18:]))
	switch elf.Type(le.Uint16(data[16:])) {
	case elf.ET_DYN, elf.ET_EXEC:
	default:
		return errcode.KernelFormat.Errorf("is an ELF file of type %s, not a linked kernel; give its vmlinux", elf.Type(le.Uint16(data[16:])))
	}
	sections, err := readSections(data)
	if err != nil {
		return err
	}
	if err := k.layOut(data, sections); err != nil {
		return err
	}
	k.From = append(k.From, "vmlinux")
	return k.readSymbols(data, sections)
}

func readSections(data []byte) ([]section, error) {
	le := binary.LittleEndian
	off, entry, count := le.Uint64(data[40:]), le.Uint16(data[58:]), uint64(le.Uint16(data[60:]))
	if entry != shdrSize || off > uint64(len(data)) || count*shdrSize > uint64(len(data))-off || count == 0 {
		return nil, errcode.KernelDamaged.Errorf("+%#x: no section headers, of which a vmlinux has some; give one that is complete and not stripped of them", off)
	}
	sections := make([]section, count)
	for i := range sections {
		h := data[off+uint64(i)*shdrSize:]
		s := section{
			typ:   elf.SectionType(le.Uint32(h[4:])),
			flags: elf.SectionFlag(le.Uint64(h[8:])),
			addr:  le.Uint64(h[16:]),
			off:   le.Uint64(h[24:]),
			len:   le.Uint64(h[32:]),
			link:  le.Uint32(h[40:]),
		}
		if s.typ == elf.SHT_NOBITS || s.typ == elf.SHT_NULL {
			sections[i] = s
			continue
		}
		if s.off > uint64(len(data)) || s.len > uint64(len(data))-s.off {
			return nil, errcode.KernelDamaged.Errorf("section %d of %#x bytes at %#x is not in the file of %#x bytes; check that the file is complete", i, s.len, s.off, len(data))
		}
		sections[i] = s
	}
	return sections, nil
}

// layOut copies the sections that are loaded to their places.
func (k *Kernel) layOut(data []byte, sections []section) error {
	loaded := func(s *section) bool {
		return s.flags&elf.SHF_ALLOC != 0 && s.typ != elf.SHT_NOBITS && s.typ != elf.SHT_NULL && s.len > 0
	}
	start, end := ^uint64(0), uint64(0)
	for i := range sections {
		if s := &sections[i]; loaded(s) {
			if s.addr+s.len < s.addr {
				return errcode.KernelDamaged.Errorf("section %d is at %#x; the file is damaged", i, s.addr)
			}
			start, end = min(start, s.addr), max(end, s.addr+s.len)
		}
	}
	switch {
	case end == 0:
		return errcode.KernelFormat.Errorf("has no contents to load; give the vmlinux with them, not the one with debug information only")
	case end-start > maxKernel:
		return errcode.KernelTooLarge.Errorf("its sections span %#x bytes, more than the %#x of the largest supported kernel; check that it is one", end-start, maxKernel)
	}
	k.Base, k.Linked = start, true
	k.Image = make([]byte, end-start)
	for i := range sections {
		if s := &sections[i]; loaded(s) {
			copy(k.Image[s.addr-start:], data[s.off:s.off+s.len])
		}
	}
	return nil
}

// readSymbols reads the symbol table, if the file has one.
func (k *Kernel) readSymbols(data []byte, sections []section) error {
	le := binary.LittleEndian
	for i := range sections {
		s := &sections[i]
		if s.typ != elf.SHT_SYMTAB {
			continue
		}
		if int(s.link) >= len(sections) || sections[s.link].typ != elf.SHT_STRTAB {
			return errcode.KernelDamaged.Errorf("section %d: the symbol table has no string table; the file is damaged", i)
		}
		str := sections[s.link]
		names := data[str.off : str.off+str.len]
		for t := data[s.off : s.off+s.len]; len(t) >= symSize; t = t[symSize:] {
			typ := elf.SymType(t[4] & 0xf)
			name, index := le.Uint32(t), elf.SectionIndex(le.Uint16(t[6:]))
			if typ == elf.STT_FILE || typ == elf.STT_SECTION || index == elf.SHN_UNDEF || name == 0 {
				continue
			}
			if uint64(name) >= uint64(len(names)) {
				return errcode.KernelDamaged.Errorf("section %d: a symbol's name is outside the string table; the file is damaged", i)
			}
			text := names[name:]
			n := bytes.IndexByte(text, 0)
			if n < 0 {
				return errcode.KernelDamaged.Errorf("section %d: the last name of the string table has no end; the file is damaged", i)
			}
			if n > 0 && text[0] != '$' {
				k.Symbols = append(k.Symbols, Symbol{Name: string(text[:n]), Address: le.Uint64(t[8:])})
			}
		}
	}
	return nil
}
