// SPDX-License-Identifier: Apache-2.0

package compare

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// item is the smallest unit of comparison: an instruction, a string, a field
// with a relocation, or a row of data.
type item struct {
	off, size int // in the unit
	kind      itemKind
	relocs    []elfobj.Reloc
	mask      []byte // set for a PC-relative instruction; without the distance
	target    int64  // of a PC-relative instruction, from the start of the section
}

type itemKind uint8

const (
	kindData itemKind = iota
	kindCode
	kindString
	kindNoContents // in a SHT_NOBITS section
)

// rowSize is the size of an item of plain data in bytes.
const rowSize = 8

// items splits a unit into items. refs are the referenced offsets in the
// section, sorted; an item starts at each of them.
func (v *view) items(u *unit, refs []uint64) []item {
	data := v.data(u)
	size := int(u.end - u.start)
	if data == nil {
		return []item{{size: size, kind: kindNoContents}}
	}
	sv := v.secs[u.sec]
	relocs := v.relocs(u)
	guess := size/rowSize + len(relocs) + 1
	if v.code.Fixed && sv.isCode(u.start) {
		guess = size/v.code.Unit + 1
	}
	list := make([]item, 0, guess)
	for off := 0; off < size; {
		at := u.start + uint64(off)
		end := size
		if i := sort.Search(len(refs), func(i int) bool { return refs[i] > at }); i < len(refs) && refs[i] < u.end {
			end = int(refs[i] - u.start)
		}
		var it item
		if sv.isCode(at) {
			it = v.codeItem(data[off:], off, int64(at))
		} else {
			next := end
			if len(relocs) > 0 {
				next = min(end, int(relocs[0].Offset-u.start))
			}
			it = v.dataItem(data[off:], off, next-off, relocs)
		}
		it.size = min(it.size, size-off)
		for len(relocs) > 0 && (relocs[0].Offset < at+uint64(it.size) || off+it.size == size) {
			n := len(it.relocs) + 1
			// The relocations of an item are consecutive.
			it.relocs = extend(it.relocs, relocs, n)
			relocs = relocs[1:]
		}
		if len(it.relocs) > 0 {
			it.mask = nil // the final link writes the distance
		}
		list = append(list, it)
		off += it.size
	}
	return list
}

// extend returns the n relocations of an item, all but the last of which are in
// taken. It does not copy: they are adjacent in the section's list.
func extend(taken, rest []elfobj.Reloc, n int) []elfobj.Reloc {
	if n == 1 {
		return rest[:1]
	}
	return taken[:n]
}

func (v *view) codeItem(code []byte, off int, pc int64) item {
	in := v.code.Decode(code, pc)
	it := item{off: off, size: in.Size, kind: kindCode, mask: in.Mask, target: in.Target}
	if in.Bad {
		it.kind = kindData
	}
	return it
}

// dataItem returns the item at the start of b. The first free bytes have no
// relocations and are not referenced except at their start.
func (v *view) dataItem(b []byte, off, free int, relocs []elfobj.Reloc) item {
	if free <= 0 {
		return item{off: off, size: v.fieldSize(relocs[0].Type), kind: kindData}
	}
	if n := textLength(b[:free]); n > 0 {
		return item{off: off, size: n, kind: kindString}
	}
	// Rows end at multiples of their size, so that they match in both objects.
	return item{off: off, size: min(free, rowSize-off%rowSize), kind: kindData}
}

// fieldSize returns the size in bytes of the field of a relocation in data, or 4
// if the relocation has no field.
func (v *view) fieldSize(typ uint32) int {
	if n := v.o.Machine.RelocField(typ); n > 0 {
		return int(n)
	}
	return 4
}

// textLength returns the size of the string at the start of b, with all zero
// bytes after it, or 0 if there is no string.
func textLength(b []byte) int {
	n := 0
	for n < len(b) && (b[n] >= ' ' && b[n] < 0x7f || b[n] == '\n' || b[n] == '\t' || b[n] == 0x1b || b[n] == 1) {
		n++
	}
	if n < 3 || n == len(b) || b[n] != 0 {
		return 0
	}
	for n < len(b) && b[n] == 0 {
		n++
	}
	return n
}

// interner numbers items so that equal items have equal numbers.
type interner struct {
	ids map[string]int32
	buf []byte
}

// number returns the items' numbers. Items are equal if they differ at most in
// the offset of their target in its unit, which changes when the unit does.
func (in *interner) number(c *comparison, v *view, u *unit, list []item) []int32 {
	data := v.data(u)
	ids := make([]int32, len(list))
	for i := range list {
		it := &list[i]
		b := append(in.buf[:0], byte(it.kind))
		if it.kind == kindNoContents {
			b = binary.LittleEndian.AppendUint64(b, uint64(it.size))
		} else {
			start := len(b)
			b = append(b, data[it.off:it.off+it.size]...)
			for j := range it.mask {
				b[start+j] &= it.mask[j]
			}
		}
		if it.mask != nil && len(it.relocs) == 0 {
			b = in.appendPlace(b, c, v, v.branchTarget(u, it))
		}
		for j := range it.relocs {
			r := &it.relocs[j]
			b = binary.LittleEndian.AppendUint64(b, r.Offset-u.start-uint64(it.off)|uint64(r.Type)<<32)
			b = in.appendPlace(b, c, v, v.relocTarget(r))
		}
		in.buf = b
		id, ok := in.ids[string(b)]
		if !ok {
			id = int32(len(in.ids))
			in.ids[string(b)] = id
		}
		ids[i] = id
	}
	return ids
}

func (in *interner) appendPlace(b []byte, c *comparison, v *view, p place) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(c.unitID(p, v == c.b)))
	if p.unit == none {
		b = append(b, p.name...)
		b = binary.LittleEndian.AppendUint64(b, uint64(p.delta))
	}
	return b
}

// branchTarget returns the target of a PC-relative instruction.
func (v *view) branchTarget(u *unit, it *item) place {
	if it.target < 0 || uint64(it.target) > v.secs[u.sec].s.Size {
		return place{v.secs[u.sec].s.Name, none, it.target, u.sec}
	}
	return v.locate(u.sec, uint64(it.target))
}

// itemText formats an item.
func (v *view) itemText(u *unit, it *item) string {
	data := v.data(u)
	var text string
	switch it.kind {
	case kindNoContents:
		return fmt.Sprintf("%#x bytes", it.size)
	case kindString:
		text = fmt.Sprintf("%q", strings.TrimRight(string(data[it.off:it.off+it.size]), "\x00"))
	case kindCode:
		text = v.code.Disassemble(data[it.off:it.off+it.size], int64(u.start)+int64(it.off))
		if it.mask != nil && len(it.relocs) == 0 {
			text = withTarget(text, v.placeText(v.branchTarget(u, it)))
		}
	default:
		text = fmt.Sprintf("% x", data[it.off:it.off+it.size])
	}
	for i := range it.relocs {
		r := &it.relocs[i]
		text += "  " + v.o.Machine.RelocName(r.Type) + " " + v.placeText(v.relocTarget(r))
	}
	return text
}

// withTarget replaces the distance in a disassembled branch by its target.
func withTarget(text, target string) string {
	i := strings.LastIndexAny(text, " ,\t") + 1
	if i == 0 || !strings.ContainsAny(text[i:], "0123456789") {
		return text + " <" + target + ">"
	}
	return text[:i] + "<" + target + ">"
}

// collectRefs returns, by unit, the section offsets inside data without a symbol
// that relocations refer to.
func (v *view) collectRefs() map[int32][]uint64 {
	refs := map[int32][]uint64{}
	for _, sv := range v.secs {
		if sv == nil || !sv.s.IsAlloc() {
			continue
		}
		for i := range sv.relocs {
			p := v.relocTarget(&sv.relocs[i])
			if p.unit == none || p.delta <= 0 {
				continue
			}
			if u := &v.units[p.unit]; u.symbol == 0 && uint64(p.delta) < u.end-u.start && !v.secs[u.sec].isCode(u.start) {
				refs[p.unit] = append(refs[p.unit], u.start+uint64(p.delta))
			}
		}
	}
	for k, list := range refs {
		slices.Sort(list)
		refs[k] = slices.Compact(list)
	}
	return refs
}
