// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// dynamic are the tables of a relocatable kernel's dynamic relocations.
type dynamic struct {
	// table is .rela.dyn: Elf64_Rela entries, whose addend is a link address. Entries
	// of other types than RELATIVE are skipped, as the kernel does.
	table    []byte
	relative uint64 // r_info
	// packed is .relr.dyn (CONFIG_RELR): places only, the addresses are in place (gABI,
	// "Relative Relocation Table").
	packed []byte
}

const relaSize = 24

// findDynamic finds .rela.dyn: around the longest run of entries of type RELATIVE,
// which no other data of a kernel looks like, all that can be entries of it. The
// kernel skips those of other types, and what comes after them counts.
func findDynamic(img []byte, relative uint64) (start, end int) {
	start, end = longestRun(img, relative)
	if start == end {
		return start, end
	}
	near := binary.LittleEndian.Uint64(img[start:])
	entry := func(at int) bool {
		if at < 0 || at+relaSize > len(img) {
			return false
		}
		address, info := binary.LittleEndian.Uint64(img[at:]), binary.LittleEndian.Uint64(img[at+8:])
		kind := uint32(info)
		return address-near+maxKernel < 2*maxKernel && info>>32 < maxKernel/relaSize && (kind == 0 || kind == abs64 || kind >= firstDynamic && kind < firstDynamic+32)
	}
	zero := func(at int) bool {
		return at >= 0 && at+relaSize <= len(img) && len(bytes.Trim(img[at:at+relaSize], "\x00")) == 0
	}
	// Entries that the linker packed are zeros, which also follow the table.
	for at := end; entry(at) || zero(at); {
		at += relaSize
		if entry(at - relaSize) {
			end = at
		}
	}
	for at := start - relaSize; entry(at) || zero(at); at -= relaSize {
		if entry(at) {
			start = at
		}
	}
	return start, end
}

const (
	// maxKernel is how far apart the addresses in a kernel are at most.
	maxKernel = 1 << 30
	// abs64 is R_AARCH64_ABS64, and firstDynamic the first type of dynamic relocations
	// (AAELF64 5.7.16).
	abs64        = 257
	firstDynamic = 1024
)

// longestRun finds the longest run of entries of type RELATIVE.
func longestRun(img []byte, relative uint64) (start, end int) {
	var info [8]byte
	binary.LittleEndian.PutUint64(info[:], relative)
	for from := 0; ; {
		at := bytes.Index(img[from:], info[:])
		if at < 0 {
			return start, end
		}
		at += from
		if at%8 != 0 || at < 8 {
			from = at + 1
			continue
		}
		from = at - 8
		for from+relaSize <= len(img) && bytes.Equal(img[from+8:from+16], info[:]) {
			from += relaSize
		}
		if n := from - (at - 8); n > end-start {
			start, end = from-n, from
		}
		from = max(from, at+1)
	}
}

// each calls f for the link address and the addend of each entry of .rela.dyn.
func (d dynamic) each(f func(address, addend uint64)) {
	for t := d.table; len(t) >= relaSize; t = t[relaSize:] {
		if binary.LittleEndian.Uint64(t[8:]) == d.relative {
			f(binary.LittleEndian.Uint64(t), binary.LittleEndian.Uint64(t[16:]))
		}
	}
}

// eachPacked calls f for the link address of each place that .relr.dyn has.
func (d dynamic) eachPacked(f func(address uint64)) {
	next := uint64(0)
	for t := d.packed; len(t) >= 8; t = t[8:] {
		w := binary.LittleEndian.Uint64(t)
		if w&1 == 0 {
			f(w)
			next = w + 8
			continue
		}
		for bits, at := w>>1, next; bits != 0; bits, at = bits>>1, at+8 {
			if bits&1 != 0 {
				f(at)
			}
		}
		next += 63 * 8
	}
}

// maxPacked is how many bytes .relr.dyn has at most: one for each 64 of data.
const maxPacked = 16 << 20

// findPacked finds .relr.dyn, which follows .rela.dyn and the zeros that the linker
// leaves there for entries that it packed. It ends where a word is no place in the
// kernel after the one before.
func (a *audit) findPacked(from int) []byte {
	for from = (from + 7) &^ 7; from+8 <= len(a.img) && binary.LittleEndian.Uint64(a.img[from:]) == 0; from += 8 {
	}
	last, end := a.base, from
	for end+8 <= len(a.img) && end-from < maxPacked {
		w := binary.LittleEndian.Uint64(a.img[end:])
		if w&1 == 0 {
			if w < last || w-a.base >= a.memory() {
				break
			}
			last = w + 8
		} else if end == from {
			break
		}
		end += 8
	}
	return a.img[from:end]
}

// between returns the bytes between two of the kernel's symbols, if it has them.
func (a *audit) between(start, end string) (from, to int, ok bool) {
	s, ok1 := a.symbols.one(start)
	e, ok2 := a.symbols.one(end)
	if !ok1 || !ok2 || s > e || e > uint64(len(a.img)) {
		return 0, 0, false
	}
	return int(s), int(e), true
}

// dynEntry are the dynamic relocations of an absolute field.
type dynEntry struct {
	addend uint64
	count  int // in .rela.dyn
	packed int // in .relr.dyn
}

// linkAddress finds the link address of the image's start, given a word that is
// known to hold the address value: in place, or by the addend of its relocation.
func (a *audit) linkAddress(place, value uint64) (base uint64, ok bool) {
	if b := a.bytesAt(place, 8); b != nil {
		if v := binary.LittleEndian.Uint64(b); v != 0 {
			return v - value, (v-value)%pageSize == 0
		}
	}
	count := 0
	a.dynamicTable().each(func(address, addend uint64) {
		if addend-address == value-place && (address-place)%pageSize == 0 && address-place != base {
			base = address - place
			count++
		}
	})
	return base, count == 1
}

// pageSize is the smallest page that arm64 has, to which the kernel's sections are
// aligned.
const pageSize = 4096

// dynamicTable returns .rela.dyn.
func (a *audit) dynamicTable() dynamic {
	if a.dynamic.table == nil {
		relative, _ := a.o.Machine.RelocNumber("RELATIVE")
		a.dynamic.relative = uint64(relative)
		start, end, ok := a.between("__rela_start", "__rela_end")
		if !ok {
			start, end, ok = a.between("__pi_rela_start", "__pi_rela_end")
		}
		if !ok {
			start, end = findDynamic(a.img, a.dynamic.relative)
		}
		a.dynamic.table, a.dynamicEnd = a.img[start:end], end
	}
	return a.dynamic
}

// readPacked finds .relr.dyn. The link address has to be known.
func (a *audit) readPacked() {
	for _, name := range []string{"__relr_", "__pi_relr_"} {
		if start, end, ok := a.between(name+"start", name+"end"); ok {
			a.dynamic.packed = a.img[start:min(end, start+maxPacked)]
			return
		}
	}
	if len(a.dynamicTable().table) > 0 {
		a.dynamic.packed = a.findPacked(a.dynamicEnd)
	}
}

// findBase finds the link address of the image's start if the symbols did not have
// it: by the object's absolute fields, whose places and targets are known.
func (a *audit) findBase() error {
	if a.linked {
		return nil
	}
	want := map[uint64][]uint64{} // value-place -> places
	votes := map[uint64]int{}
	a.eachField(func(s *section, f *field) {
		if !f.absolute {
			return
		}
		place, ok := s.address(f.off)
		target, known := a.target(f)
		if !ok || !known {
			return
		}
		want[target-place] = append(want[target-place], place)
		if have, in := a.read(place, f.size); in && have != 0 && (have-target)%pageSize == 0 {
			votes[have-target]++
		}
	})
	a.dynamicTable().each(func(address, addend uint64) {
		for _, place := range want[addend-address] {
			if (address-place)%pageSize == 0 {
				votes[address-place]++
			}
		}
	})
	best := 0
	for base, n := range votes {
		if n > best || n == best && base < a.base {
			a.base, best, a.linked = base, n, true
		}
	}
	return nil
}

// readDynamic looks up the dynamic relocations of the object's absolute fields,
// and finds those that apply to the hypervisor's sections without being wanted.
func (a *audit) readDynamic() error {
	a.dynWant = map[uint64]*dynEntry{}
	a.eachField(func(s *section, f *field) {
		if place, ok := s.address(f.off); ok && f.absolute {
			a.dynWant[place] = &dynEntry{}
		}
	})
	if !a.linked {
		return nil
	}
	ours := a.claims()
	extra := func(place uint64, what string) {
		if s, off := ours.touch(place, 8); s != nil {
			a.differ(s, off, Difference{Cause: CauseExtraRelocation, Have: what, Want: "none"})
			return
		}
		a.otherWrites = append(a.otherWrites, place)
	}
	a.dynamicTable().each(func(address, addend uint64) {
		place := address - a.base
		if e := a.dynWant[place]; e != nil {
			e.addend = addend
			e.count++
			return
		}
		extra(place, "a relative relocation to "+a.name(addend-a.base))
	})
	a.readPacked()
	a.dynamic.eachPacked(func(address uint64) {
		place := address - a.base
		if e := a.dynWant[place]; e != nil {
			e.packed++
			return
		}
		extra(place, "a packed relative relocation")
	})
	slices.Sort(a.otherWrites)
	return nil
}
