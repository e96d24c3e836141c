package image

import (
	"bytes"
	"encoding/binary"
)

// dynamic is the table of a relocatable kernel's dynamic relocations, .rela.dyn:
// Elf64_Rela entries whose addend is a link address.
type dynamic struct{ table []byte }

const relaSize = 24

// findDynamic finds the table: the longest run of entries of type RELATIVE, which
// no other data of a kernel looks like.
func findDynamic(img []byte, relative uint32) dynamic {
	var info [8]byte
	binary.LittleEndian.PutUint64(info[:], uint64(relative))
	var best []byte
	for from := 0; ; {
		at := bytes.Index(img[from:], info[:])
		if at < 0 {
			return dynamic{best}
		}
		at += from
		if at%8 != 0 || at < 8 {
			from = at + 1
			continue
		}
		start, end := at-8, at-8
		for end+relaSize <= len(img) && bytes.Equal(img[end+8:end+16], info[:]) {
			end += relaSize
		}
		if end-start > len(best) {
			best = img[start:end]
		}
		from = max(end, at+1)
	}
}

// each calls f for the link address and the addend of each entry.
func (d dynamic) each(f func(address, addend uint64)) {
	for t := d.table; len(t) >= relaSize; t = t[relaSize:] {
		f(binary.LittleEndian.Uint64(t), binary.LittleEndian.Uint64(t[16:]))
	}
}

// dynEntry is the dynamic relocation of an absolute field.
type dynEntry struct {
	addend uint64
	count  int
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

func (a *audit) dynamicTable() dynamic {
	if a.dynamic.table == nil {
		relative, _ := a.o.Machine.RelocNumber("RELATIVE")
		a.dynamic = findDynamic(a.img, relative)
	}
	return a.dynamic
}

// findBase finds the link address of the image's start if the symbols did not have
// it: by the object's absolute fields, whose places and targets are known.
func (a *audit) findBase() error {
	if a.linked {
		return nil
	}
	want := map[uint64][]uint64{} // value-place -> places
	a.eachField(func(s *section, f *field) {
		if !f.absolute {
			return
		}
		place, ok := s.address(f.off)
		target, known := a.target(f)
		if ok && known {
			want[target-place] = append(want[target-place], place)
		}
	})
	votes := map[uint64]int{}
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
	a.dynamicTable().each(func(address, addend uint64) {
		place := address - a.base
		if e := a.dynWant[place]; e != nil {
			e.addend = addend
			e.count++
			return
		}
		if s, off := ours.find(place); s != nil {
			a.differ(s, off, Difference{Cause: CauseExtraRelocation, Have: "a relative relocation to " + a.name(addend-a.base), Want: "none"})
		}
	})
	return nil
}
