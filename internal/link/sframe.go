// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// A stack trace section (.sframe) is a header, an index with an entry for each
// function (FDE), and the rows that these refer to (FRE). One after another,
// sections would be one section whose header counts the first only: they are
// merged instead. ("The SFrame Format", versions 1 to 3, of binutils.)

const sframeSection = ".sframe"

// The header of an SFrame section, by offset in bytes.
const (
	sframeMagic      = 0xdee2
	sframeVersion    = 2
	sframeFlags      = 3
	sframeABI        = 4 // architecture, fixed offsets of frame pointer and return address
	sframeAuxLength  = 7
	sframeFDEs       = 8
	sframeFREs       = 12
	sframeFRELength  = 16
	sframeFDEOffset  = 20
	sframeFREOffset  = 24
	sframeHeaderSize = 28
)

// Flags of the header.
const (
	sframeSorted       = 1 << 0 // FDEs are in order of their functions
	sframeFramePointer = 1 << 1 // all functions keep it
)

// sframeEntry is what a version's FDEs are like: their size, and where the offset
// of the rows and the number of the rows are in it. All start with the function's
// address, which a relocation fills in.
type sframeEntry struct {
	size, rowsAt uint64
	countAt      uint64 // 0: a 16-bit number at the start of the rows
}

var sframeEntries = map[byte]sframeEntry{1: {17, 8, 12}, 2: {20, 8, 12}, 3: {16, 12, 0}}

// sframe is one section, taken apart.
type sframe struct {
	p      *inputSection
	order  binary.ByteOrder
	header []byte
	entry  sframeEntry
	fdes   []byte
	rows   []byte
}

// mergeableFrameTables looks at the sections of the inputs, and drops all with a
// warning where they are of several versions or architectures, or of a version
// that is not known: tools can do without them, but not with a section of which
// half is not what its header says.
func (l *linker) mergeableFrameTables() error {
	var tables []*inputSection
	for _, isec := range l.special.sframes {
		if isec.discard == kept {
			tables = append(tables, isec)
		}
	}
	if len(tables) == 0 || len(tables) == 1 && !tables[0].in.discards {
		return nil
	}
	var errs []error
	for _, isec := range tables {
		if err := l.checkFrameHeader(isec); err != nil {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	const same = ^byte(sframeSorted | sframeFramePointer)
	first := tables[0].data()
	for _, isec := range tables {
		h := isec.data()
		_, known := sframeEntries[h[sframeVersion]]
		if known && h[sframeVersion] == first[sframeVersion] && h[sframeFlags]&same == first[sframeFlags]&same &&
			bytes.Equal(h[sframeABI:sframeFDEs], first[sframeABI:sframeFDEs]) {
			continue
		}
		what := "is not of the version and architecture of " + tables[0].in.obj.Name
		if !known {
			what = fmt.Sprintf("is of version %d, which is not known", h[sframeVersion])
		}
		l.warn(&elfobj.Error{
			Code: errcode.Unmergeable, File: isec.in.obj.Name, Section: sframeSection, Offset: -1,
			What: what, Advice: "all sections " + sframeSection + " are left out",
		})
		for _, isec := range tables {
			isec.drop(discardUnmergeable)
		}
		return nil
	}
	for _, isec := range tables {
		if _, err := l.readFrameTable(isec); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// checkFrameHeader checks what all versions have in common.
func (l *linker) checkFrameHeader(isec *inputSection) error {
	if d := isec.data(); len(d) < sframeHeaderSize || l.order().Uint16(d) != sframeMagic {
		return isec.errorAt(errcode.DamagedFrames, 0, elfobj.Damaged, "no SFrame header")
	}
	return nil
}

// order is the byte order of the inputs and the output.
func (l *linker) order() binary.ByteOrder {
	if l.out.BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// readFrameTable takes a section of a known version apart.
func (l *linker) readFrameTable(isec *inputSection) (*sframe, error) {
	s := &sframe{p: isec, order: l.order()}
	d := isec.data()
	size := sframeHeaderSize + uint64(d[sframeAuxLength])
	entry := sframeEntries[d[sframeVersion]]
	u32 := func(at int) uint64 { return uint64(s.order.Uint32(d[at:])) }
	fdes, fres := size+u32(sframeFDEOffset), size+u32(sframeFREOffset)
	if size > uint64(len(d)) || fdes > uint64(len(d)) || u32(sframeFDEs)*entry.size > uint64(len(d))-fdes ||
		fres > uint64(len(d)) || u32(sframeFRELength) > uint64(len(d))-fres {
		return nil, isec.errorAt(errcode.DamagedFrames, sframeFDEs, elfobj.Damaged, "%d FDEs and %d bytes of FREs do not fit into %d bytes", u32(sframeFDEs), u32(sframeFRELength), len(d))
	}
	s.header, s.entry = d[:size], entry
	s.fdes, s.rows = d[fdes:fdes+u32(sframeFDEs)*entry.size], d[fres:fres+u32(sframeFRELength)]
	for at := uint64(0); at < uint64(len(s.fdes)); at += entry.size {
		if rows := s.rowsOf(at); rows > uint64(len(s.rows)) || entry.countAt == 0 && uint64(len(s.rows))-rows < 2 {
			return nil, isec.errorAt(errcode.DamagedFrames, int64(fdes+at), elfobj.Damaged, "FREs of an FDE start at %#x of %d bytes", rows, len(s.rows))
		}
	}
	for _, rel := range isec.in.obj.RawRelocs(isec.sec) {
		if at := rel.Offset - fdes; at >= uint64(len(s.fdes)) || at%entry.size != 0 {
			return nil, isec.errorAt(errcode.DamagedFrames, int64(rel.Offset), elfobj.Damaged, "a relocation that is not for the start of a function")
		}
	}
	return s, nil
}

// rowsOf is where the rows of the FDE at an offset start.
func (s *sframe) rowsOf(fde uint64) uint64 {
	return uint64(s.order.Uint32(s.fdes[fde+s.entry.rowsAt:]))
}

// mergeFrameTables merges the sections of each output section: the first has the
// header, each its FDEs, with their relocations, and the last the rows of all.
func (l *linker) mergeFrameTables() error {
	byOutput := map[*output][]*inputSection{}
	var outputs []*output
	for _, isec := range l.special.sframes {
		if isec.out == nil {
			continue
		}
		if byOutput[isec.out] == nil {
			outputs = append(outputs, isec.out)
		}
		byOutput[isec.out] = append(byOutput[isec.out], isec)
	}
	for _, o := range outputs {
		sections := byOutput[o]
		if len(sections) == 1 && !sections[0].in.discards {
			continue
		}
		if o.desc != nil {
			if err := o.onlyFrameTables(sections); err != nil {
				return err
			}
			sections = slices.Concat(o.desc.sections, o.desc.orphans)
		}
		if err := l.mergeFrameTablesOf(sections); err != nil {
			return err
		}
	}
	return nil
}

// onlyFrameTables checks that nothing comes between the sections that are merged.
func (o *output) onlyFrameTables(sections []*inputSection) error {
	advice := fmt.Sprintf("give them an output section of their own: %s : { *(%s) }", sframeSection, sframeSection)
	if int(o.count) != len(sections) || o.desc.SubAlign != nil {
		return sections[0].errorAt(errcode.MixedOutput, -1, advice, "stack trace sections cannot be merged in %s with other sections or SUBALIGN", o.name)
	}
	if what := o.desc.Visit(between{}); what != nil {
		return sections[0].errorAt(errcode.MixedOutput, -1, advice, "stack trace sections cannot be merged in %s around %v", o.name, what)
	}
	return nil
}

// between finds what is between the input sections of an output section.
type between struct{}

func (between) InputSpec(*ldscript.InputSpec) error { return nil }
func (between) Assert(*ldscript.Assert) error       { return nil }
func (between) Data(*ldscript.Data) error           { return errcode.MixedOutput.Errorf("data of the script") }
func (between) Fill(*ldscript.Fill) error           { return nil }
func (between) Assignment(a *ldscript.Assignment) error {
	if a.IsDot() {
		return errcode.MixedOutput.Errorf("an assignment to the location counter")
	}
	return nil
}

// mergeFrameTablesOf merges sections in the order in which they are laid out.
func (l *linker) mergeFrameTablesOf(sections []*inputSection) error {
	order := l.order()
	var m mergedFrames
	var header []byte
	datas, relocs := make([][]byte, len(sections)), make([][]byte, len(sections))
	for i, isec := range sections {
		s, err := l.readFrameTable(isec)
		if err != nil {
			return err
		}
		if i == 0 {
			header = bytes.Clone(s.header)
		} else {
			header[sframeFlags] &= s.header[sframeFlags] | ^byte(sframeFramePointer)
		}
		m.start = 0
		if i == 0 {
			m.start = uint64(len(header))
		}
		datas[i], relocs[i] = m.add(s)
	}
	header[sframeFlags] &^= sframeSorted
	order.PutUint32(header[sframeFDEs:], m.fdes)
	order.PutUint32(header[sframeFREs:], m.fres)
	order.PutUint32(header[sframeFRELength:], uint32(len(m.rows)))
	order.PutUint32(header[sframeFDEOffset:], 0)
	order.PutUint32(header[sframeFREOffset:], m.size)
	last := len(sections) - 1
	datas[0] = append(header, datas[0]...)
	datas[last] = append(datas[last], m.rows...)
	for i, isec := range sections {
		align := isec.sec.Addralign
		if i > 0 {
			align = 1 // nothing may come between FDEs
		}
		isec.replace(datas[i], relocs[i])
		isec.sec.Addralign = align
	}
	return nil
}

// live lists the offsets of the FDEs whose function is in the output.
func (s *sframe) live() []uint64 {
	dead := map[uint64]bool{}
	o := s.p.in.obj
	for _, rel := range o.RawRelocs(s.p.sec) {
		if int(rel.Symbol) >= len(o.Symbols) {
			continue // the writer says what is wrong
		}
		if sym := &o.Symbols[rel.Symbol]; sym.Section > 0 && s.p.in.sections[sym.Section].discard != kept {
			dead[rel.Offset-s.firstFDE()] = true
		}
	}
	var live []uint64
	for at := uint64(0); at < uint64(len(s.fdes)); at += s.entry.size {
		if !dead[at] {
			live = append(live, at)
		}
	}
	return live
}

// mergedFrames is what the sections so far come to.
type mergedFrames struct {
	rows       []byte
	fdes, fres uint32
	size       uint32 // of the FDEs, in bytes
	start      uint64 // where the FDEs of the next section are in it
}

// add takes over the FDEs of a section that are in the output, and their rows. It
// returns the FDEs and their relocations.
func (m *mergedFrames) add(s *sframe) (fdes, relocs []byte) {
	// The rows of an FDE end where those of another one start. FDEs may share them.
	starts := []uint64{uint64(len(s.rows))}
	for at := uint64(0); at < uint64(len(s.fdes)); at += s.entry.size {
		starts = append(starts, s.rowsOf(at))
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	rows, moved := map[uint64]uint32{}, map[uint64]uint64{} // where rows and FDEs are now, by offset
	for _, at := range s.live() {
		from := s.rowsOf(at)
		to, ok := rows[from]
		if !ok {
			to = uint32(len(m.rows))
			rows[from] = to
			if i, _ := slices.BinarySearch(starts, from); i+1 < len(starts) {
				m.rows = append(m.rows, s.rows[from:starts[i+1]]...)
			}
		}
		moved[at] = m.start + uint64(len(fdes))
		fde := bytes.Clone(s.fdes[at : at+s.entry.size])
		s.order.PutUint32(fde[s.entry.rowsAt:], to)
		if s.entry.countAt > 0 {
			m.fres += s.order.Uint32(fde[s.entry.countAt:])
		} else {
			m.fres += uint32(s.order.Uint16(s.rows[from:]))
		}
		fdes = append(fdes, fde...)
		m.fdes++
	}
	m.size += uint32(len(fdes))
	var kept []elfobj.Reloc
	for _, rel := range s.p.in.obj.RawRelocs(s.p.sec) {
		if to, ok := moved[rel.Offset-s.firstFDE()]; ok {
			rel.Offset = to
			kept = append(kept, rel)
		}
	}
	return fdes, elfobj.EncodeRelocs(kept, s.order == binary.BigEndian)
}

// firstFDE is where the FDEs start in the section.
func (s *sframe) firstFDE() uint64 {
	return uint64(len(s.header)) + uint64(s.order.Uint32(s.header[sframeFDEOffset:]))
}
