// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"slices"
	"sort"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// cutFrames prepares .eh_frame sections for concatenation. Readers stop at a
// terminator (a record of length zero), so terminators are removed and one is
// added after the last of the sections. Records of functions that are left out, with a COMDAT group
// that an earlier input has, are removed as well.
// The format is that of the LSB, "Exception Frames".
func (l *linker) cutFrames() error {
	frames := l.special.frames
	terminated := make([]bool, len(frames))
	err := parallel.Parts(len(frames), workers(len(frames)), func(_, from, to int) error {
		c := newFrameCutter(l.out.BigEndian)
		c.alone = len(frames) == 1
		var errs []error
		var files releaser
		defer files.at(nil)
		for i, isec := range frames[from:to] {
			if isec.out == nil {
				continue
			}
			files.at(isec.in.obj)
			var err error
			if terminated[from+i], err = c.cut(isec); err != nil {
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	})
	for i, isec := range frames {
		if isec.out != nil {
			isec.out.frames++
			isec.out.terminated = isec.out.terminated || terminated[i]
		}
	}
	return err
}

// frameRecord is a CIE or an FDE.
type frameRecord struct {
	off, size uint64
	moved     uint64 // where it is afterwards
	cie       int    // index of the CIE that an FDE belongs to
	isFDE     bool
	drop      bool
}

// frameCutter cuts one input section after another, reusing its memory.
type frameCutter struct {
	order   binary.ByteOrder
	big     bool
	alone   bool // no other frames come after a section's
	records []frameRecord
	cie     int // the last one that an FDE belonged to
	// terminators are the offsets of the records of length zero.
	terminators []uint64
}

func newFrameCutter(big bool) *frameCutter {
	if big {
		return &frameCutter{order: binary.BigEndian, big: big}
	}
	return &frameCutter{order: binary.LittleEndian}
}

// cut removes terminators and dead records from an input section. It reports
// whether there was a terminator. A last record that does not end at a multiple of
// 4 bytes, as assemblers other than GNU's and LLVM's can write it, gets no-ops (DW_CFA_nop is
// zero): the gap before the next section would else read as a terminator.
func (c *frameCutter) cut(isec *inputSection) (terminated bool, err error) {
	if terminated, err = c.read(isec); err != nil {
		return false, err
	}
	dropped := isec.in.discards && c.markDead(isec)
	if !terminated && !dropped && (isec.size()%4 == 0 || c.alone) {
		return false, nil
	}
	old := isec.data()
	data := make([]byte, 0, len(old))
	isec.cuts = &cuts{terminators: slices.Clone(c.terminators)}
	last := -1
	for i := range c.records {
		r := &c.records[i]
		if r.drop {
			continue
		}
		r.moved, last = uint64(len(data)), i
		isec.cuts.keep(r.off, r.size, r.moved)
		data = append(data, old[r.off:r.off+r.size]...)
		if r.isFDE {
			at := r.moved + 4
			c.order.PutUint32(data[at:], uint32(at-c.records[r.cie].moved))
		}
	}
	if n := -len(data) & 3; n > 0 && last >= 0 && !c.alone {
		at := data[c.records[last].moved:]
		c.order.PutUint32(at, c.order.Uint32(at)+uint32(n))
		data = append(data, make([]byte, n)...)
	}
	isec.replace(data, c.moveRelocs(isec))
	return terminated, nil
}

// read splits an input section into its records.
func (c *frameCutter) read(isec *inputSection) (terminated bool, err error) {
	d := isec.data()
	c.records, c.terminators, c.cie = c.records[:0], c.terminators[:0], 0
	for off := uint64(0); off < uint64(len(d)); {
		rest := uint64(len(d)) - off
		if rest < 4 {
			return false, isec.errorAt(errcode.DamagedFrames, int64(off), elfobj.Damaged, "frame record is cut short")
		}
		length := uint64(c.order.Uint32(d[off:]))
		if length == 0 {
			terminated = true
			c.terminators = append(c.terminators, off)
			off += 4
			continue
		}
		if length == 0xffffffff {
			return false, isec.errorAt(errcode.UnsupportedFrames, int64(off), "compile with 32-bit DWARF (-gdwarf32)", "frame record in the 64-bit format is not supported")
		}
		if length < 4 || length > rest-4 {
			return false, isec.errorAt(errcode.DamagedFrames, int64(off), elfobj.Damaged, "frame record of %d bytes is cut short", length)
		}
		r := frameRecord{off: off, size: length + 4}
		if id := uint64(c.order.Uint32(d[off+4:])); id != 0 {
			r.isFDE = true
			at := off + 4 - id
			if c.cie >= len(c.records) || c.records[c.cie].off != at {
				c.cie = c.find(at)
			}
			if r.cie = c.cie; id > off+4 || r.cie < 0 || c.records[r.cie].isFDE {
				return false, isec.errorAt(errcode.DamagedFrames, int64(off+4), elfobj.Damaged, "frame record belongs to no CIE")
			}
		}
		c.records = append(c.records, r)
		off += r.size
	}
	return terminated, nil
}

// find returns the index of the record that starts at an offset, or -1.
func (c *frameCutter) find(off uint64) int {
	i := sort.Search(len(c.records), func(i int) bool { return c.records[i].off >= off })
	if i == len(c.records) || c.records[i].off != off {
		return -1
	}
	return i
}

// isFrames reports whether an input section has frames.
func (isec *inputSection) isFrames() bool {
	return isec.sec.Name == elfobj.FrameSection && isec.sec.Type != elf.SHT_NOBITS
}

// placement is the alignment at which an input section is placed. Sections with
// frames are a multiple of 4 bytes long, see cut, and a gap between them would read as
// a terminator.
func (isec *inputSection) placement() uint64 {
	if isec.isFrames() {
		return min(isec.align(), 4)
	}
	return isec.align()
}

// markDead marks the records of functions that are left out.
func (c *frameCutter) markDead(isec *inputSection) (any bool) {
	o := isec.in.obj
	for _, rel := range o.RawRelocs(isec.sec) {
		if int(rel.Symbol) >= len(o.Symbols) {
			continue
		}
		s := &o.Symbols[rel.Symbol]
		if s.Section <= 0 || isec.in.sections[s.Section].discard == kept {
			continue
		}
		// The first field after the CIE pointer is the function's start.
		if i := c.find(rel.Offset - 8); i >= 0 && c.records[i].isFDE {
			c.records[i].drop, any = true, true
		}
	}
	return any
}

// moveRelocs keeps the relocations of the records that stay, at their new offsets.
func (c *frameCutter) moveRelocs(isec *inputSection) []byte {
	var out []elfobj.Reloc
	for _, rel := range isec.in.obj.RawRelocs(isec.sec) {
		at := sort.Search(len(c.records), func(k int) bool { return c.records[k].off+c.records[k].size > rel.Offset })
		if at == len(c.records) || rel.Offset < c.records[at].off || c.records[at].drop {
			continue
		}
		rel.Offset = rel.Offset - c.records[at].off + c.records[at].moved
		out = append(out, rel)
	}
	return elfobj.EncodeRelocs(out, c.big)
}
