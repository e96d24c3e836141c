// SPDX-License-Identifier: Apache-2.0

// Package lineinfo finds the source lines of places in a relocatable object.
//
// In such an object all sections start at address 0, so that DWARF's addresses
// do not say which section they are in. This package resolves the relocations of
// the debug sections as if each section were at an address of its own.
package lineinfo

import (
	"bytes"
	"compress/zlib"
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/machine"
	"github.com/rules-hyp/rules_hyp/internal/symbolize"
)

// maxDebug bounds the sizes of all debug sections of an object together, after
// decompression. Those of a hypervisor are 10 MB, those of a vmlinux.o 400 MB.
const maxDebug = 1 << 30

// sectionShift makes addresses: that of a section is its index, shifted by this.
const sectionShift = 32

// Lines finds source lines.
type Lines struct {
	data *dwarf.Data
}

// New reads the debug information of an object. It returns Lines that find nothing
// if there is none, or none that this package can read: lines help to read a
// message, and say nothing about the object.
func New(o *elfobj.Object) *Lines {
	l := &Lines{}
	l.data, _ = load(o)
	return l
}

// load returns the DWARF data of an object, or nil if it has none.
func load(o *elfobj.Object) (*dwarf.Data, error) {
	sections, inGroup := map[string][]byte{}, map[string]bool{}
	total := uint64(0)
	for _, s := range o.Sections {
		if s == nil || s.IsAlloc() || !strings.HasPrefix(s.PlainName(), ".debug_") || !s.HasContents() {
			continue
		}
		text, err := contents(s, maxDebug-total)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		total += uint64(len(text))
		if err := resolve(o, s, text); err != nil {
			return nil, err
		}
		// Type units of COMDAT groups have a section each, also of the name .debug_info. They have no lines.
		name, grouped := s.PlainName(), s.Flags&elf.SHF_GROUP != 0
		if _, again := sections[name]; !again || inGroup[name] && !grouped {
			sections[name], inGroup[name] = text, grouped
		}
	}
	if sections[".debug_info"] == nil {
		return nil, nil
	}
	d, err := dwarf.New(sections[".debug_abbrev"], nil, nil, sections[".debug_info"], sections[".debug_line"], nil,
		sections[".debug_ranges"], sections[".debug_str"])
	if err != nil {
		return nil, err
	}
	for _, name := range []string{".debug_addr", ".debug_line_str", ".debug_str_offsets", ".debug_rnglists"} {
		if text := sections[name]; text != nil {
			if err := d.AddSection(name, text); err != nil {
				return nil, err
			}
		}
	}
	return d, nil
}

// contents returns a copy of the bytes of a section, decompressed.
func contents(s *elfobj.Section, limit uint64) ([]byte, error) {
	if s.Size > limit {
		return nil, fmt.Errorf("more than %d bytes of debug information", maxDebug)
	}
	text := s.Contents()
	if size, ok := s.Zdebug(); ok {
		z, err := zlib.NewReader(bytes.NewReader(text[elfobj.ZdebugHeaderSize:]))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(io.LimitReader(z, int64(min(limit, size))))
	}
	if s.Flags&elf.SHF_COMPRESSED == 0 {
		return bytes.Clone(text), nil
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if s.Object.BigEndian {
		order = binary.BigEndian
	}
	// Elf64_Chdr (gABI, "Compression Header").
	const header = 24
	if len(text) < header {
		return nil, io.ErrUnexpectedEOF
	}
	var r io.Reader
	switch kind := elf.CompressionType(order.Uint32(text)); kind {
	case elf.COMPRESS_ZLIB:
		z, err := zlib.NewReader(bytes.NewReader(text[header:]))
		if err != nil {
			return nil, err
		}
		r = z
	case elf.COMPRESS_ZSTD:
		z, err := zstd.NewReader(bytes.NewReader(text[header:]), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(64<<20))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		r = z
	default:
		return nil, fmt.Errorf("unknown compression %d", kind)
	}
	plain, err := io.ReadAll(io.LimitReader(r, int64(min(limit, order.Uint64(text[8:])))))
	return plain, err
}

// resolve writes the values of a debug section's relocations into its bytes.
func resolve(o *elfobj.Object, s *elfobj.Section, text []byte) error {
	order := binary.ByteOrder(binary.LittleEndian)
	if o.BigEndian {
		order = binary.BigEndian
	}
	for i, rel := range o.RawRelocs(s) {
		size := o.Machine.RelocField(rel.Type)
		switch o.Machine.RelocKind(rel.Type) {
		case machine.KindNone, machine.KindTLS: // of a thread's variables, which have no lines
			continue
		}
		// A RISC-V linker may relax code, so that line tables have differences of labels.
		if o.Machine.RelocKind(rel.Type) != machine.KindAbsolute || int(rel.Symbol) >= len(o.Symbols) {
			return fmt.Errorf("relocation %d is a %s", i, o.Machine.RelocName(rel.Type))
		}
		if rel.Offset > uint64(len(text)) || size > uint64(len(text))-rel.Offset {
			return fmt.Errorf("relocation %d is outside the section", i)
		}
		sym := &o.Symbols[rel.Symbol]
		value := sym.Value + uint64(rel.Addend)
		if in := o.SectionOf(sym); in != nil && in.IsAlloc() {
			value += address(sym.Section)
		}
		switch field := text[rel.Offset:]; size {
		case 4:
			order.PutUint32(field, uint32(value))
		case 8:
			order.PutUint64(field, value)
		default:
			return fmt.Errorf("relocation %d is a %s", i, o.Machine.RelocName(rel.Type))
		}
	}
	return nil
}

// address is the address that resolve gives a section.
func address(sec elfobj.SectionIndex) uint64 { return uint64(sec) << sectionShift }

// At returns "file:line" of the code at an offset in a section, or "" if that is
// not known. The file is named as in the compiler's command.
func (l *Lines) At(sec elfobj.SectionIndex, off uint64) string {
	if l.data == nil || sec <= 0 || off >= 1<<sectionShift {
		return ""
	}
	pc := address(sec) + off
	unit, err := l.data.Reader().SeekPC(pc)
	if err != nil {
		return ""
	}
	lines, err := l.data.LineReader(unit)
	if err != nil || lines == nil {
		return ""
	}
	entry, ok := symbolize.Row(lines, pc)
	if !ok || entry.File == nil || entry.Line <= 0 {
		return ""
	}
	name := entry.File.Name
	if dir, ok := unit.Val(dwarf.AttrCompDir).(string); ok && dir != "" {
		name = strings.TrimPrefix(name, strings.TrimSuffix(dir, "/")+"/")
	}
	return fmt.Sprintf("%s:%d", strings.TrimPrefix(name, "./"), entry.Line)
}
