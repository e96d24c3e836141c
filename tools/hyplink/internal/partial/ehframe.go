package partial

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"sort"

	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/elfobj"
)

const frameSection = ".eh_frame"

// cutFrames makes .eh_frame sections fit to be put together. Readers stop at a
// terminator (a record of length zero), so terminators inside are cut and one
// is put at the end; and a record that describes a function which is left out
// (a COMDAT group that came before) goes as well.
// The format is that of the LSB, "Exception Frames".
func (l *linker) cutFrames() error {
	var errs []error
	for _, o := range l.outputs {
		for _, p := range o.pieces {
			if p.sec.Name != frameSection || p.sec.Type == elf.SHT_NOBITS {
				continue
			}
			cut, err := p.cutFrame(l.out.BigEndian)
			if err != nil {
				errs = append(errs, err)
			}
			o.terminated = o.terminated || cut
		}
	}
	return errors.Join(errs...)
}

// frameRecord is a CIE or an FDE.
type frameRecord struct {
	off, size uint64
	cie       uint64 // offset of the CIE that an FDE belongs to
	isFDE     bool
	drop      bool
}

// cutFrame removes terminators and dead records from a piece. It reports
// whether there was a terminator.
func (p *piece) cutFrame(big bool) (terminated bool, err error) {
	order := binary.ByteOrder(binary.LittleEndian)
	if big {
		order = binary.BigEndian
	}
	records, terminated, err := p.frameRecords(order)
	if err != nil {
		return false, err
	}
	dropped := p.markDead(records)
	if !terminated && !dropped {
		return false, nil
	}
	// newOffset of each record that stays.
	moved := make(map[uint64]uint64, len(records))
	var data []byte
	for _, r := range records {
		if r.drop {
			continue
		}
		moved[r.off] = uint64(len(data))
		data = append(data, p.data()[r.off:r.off+r.size]...)
		if r.isFDE {
			at := moved[r.off] + 4
			order.PutUint32(data[at:], uint32(at-moved[r.cie]))
		}
	}
	p.replace(data, p.moveRelocs(records, moved, big))
	return terminated, nil
}

// frameRecords splits a piece into its records.
func (p *piece) frameRecords(order binary.ByteOrder) (records []frameRecord, terminated bool, err error) {
	const damaged = "the file is damaged: build it again"
	d := p.data()
	cies := map[uint64]bool{}
	for off := uint64(0); off < uint64(len(d)); {
		rest := uint64(len(d)) - off
		if rest < 4 {
			return nil, false, p.errorAt(int64(off), damaged, "frame record is cut short")
		}
		length := uint64(order.Uint32(d[off:]))
		if length == 0 {
			terminated = true
			off += 4
			continue
		}
		if length == 0xffffffff {
			return nil, false, p.errorAt(int64(off), "compile with 32-bit DWARF (-gdwarf32)", "frame record in the 64-bit format is not supported")
		}
		if length < 4 || length > rest-4 {
			return nil, false, p.errorAt(int64(off), damaged, "frame record of %d bytes is cut short", length)
		}
		r := frameRecord{off: off, size: length + 4}
		if id := uint64(order.Uint32(d[off+4:])); id != 0 {
			r.isFDE = true
			if id > off+4 || !cies[off+4-id] {
				return nil, false, p.errorAt(int64(off+4), damaged, "frame record belongs to no CIE")
			}
			r.cie = off + 4 - id
		} else {
			cies[off] = true
		}
		records = append(records, r)
		off += r.size
	}
	return records, terminated, nil
}

// placement is the alignment at which a piece is put. Records of .eh_frame are
// a multiple of 4 bytes long, and a gap between pieces would read as a
// terminator.
func (p *piece) placement() uint64 {
	if p.sec.Name == frameSection {
		return min(p.align(), 4)
	}
	return p.align()
}

// markDead marks the records of functions that are left out.
func (p *piece) markDead(records []frameRecord) bool {
	dead := map[uint64]bool{}
	for i := range p.sec.Relocs {
		run := &p.sec.Relocs[i]
		for j := range run.Count() {
			rel, _ := run.At(j)
			if int(rel.Symbol) >= len(p.in.obj.Symbols) {
				continue
			}
			s := &p.in.obj.Symbols[rel.Symbol]
			if s.Section > 0 && p.in.pieces[s.Section].discard != kept {
				dead[rel.Offset] = true
			}
		}
	}
	any := false
	for i := range records {
		// The first field behind the CIE pointer is the function's start.
		if r := &records[i]; r.isFDE && dead[r.off+8] {
			r.drop, any = true, true
		}
	}
	return any
}

// moveRelocs keeps the relocations of the records that stay, at their new offsets.
func (p *piece) moveRelocs(records []frameRecord, moved map[uint64]uint64, big bool) []elfobj.RelocRun {
	var out []elfobj.Reloc
	for i := range p.sec.Relocs {
		run := &p.sec.Relocs[i]
		for j := range run.Count() {
			rel, _ := run.At(j)
			at := sort.Search(len(records), func(k int) bool { return records[k].off+records[k].size > rel.Offset })
			if at == len(records) || rel.Offset < records[at].off || records[at].drop {
				continue
			}
			rel.Offset = rel.Offset - records[at].off + moved[records[at].off]
			out = append(out, rel)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return []elfobj.RelocRun{elfobj.EncodeRelocs(out, big)}
}
