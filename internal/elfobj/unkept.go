// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"
	"fmt"
	"slices"
)

// LeftOut is a call graph profile of clang, which is not in Object.Sections.
type LeftOut struct {
	Name string // of the section; "" if the file has none
	Data []byte
	// Symbols are the symbols of its relocations, in order. Before LLVM 13 the
	// numbers are in Data.
	Symbols []uint32
}

// UnkeptAddress is in an entry of Object.Unkept about an address.
const UnkeptAddress = ": sh_addr "

// unkept notes what the file has and Object has no place for.
func (r *reader) unkept() error {
	if r.addresses != 0 {
		shoff := r.ord.Uint64(r.data[40:])
		for i := 1; i < len(r.hdrs); i++ {
			if addr := r.u64(r.data[shoff+uint64(i)*shdrSize+16:]); addr != 0 {
				name, _ := cstring(r.names, r.hdrs[i].name)
				r.obj.Unkept = append(r.obj.Unkept, fmt.Sprintf("section %s%s%#x", name, UnkeptAddress, addr))
			}
		}
	}
	for _, i := range r.linked {
		h := &r.hdrs[i]
		name, _ := cstring(r.names, h.name)
		other := fmt.Sprintf("%d", h.link)
		if uint64(h.link) < uint64(len(r.hdrs)) {
			other, _ = cstring(r.names, r.hdrs[h.link].name)
		}
		r.obj.Unkept = append(r.obj.Unkept, fmt.Sprintf("section %s: sh_link to %q, sh_info %#x", name, other, h.info))
	}
	slices.Sort(r.obj.Unkept)
	return r.leftOut()
}

// leftOut reads the relocations of the call graph profile, of either form.
func (r *reader) leftOut() error {
	if r.obj.LeftOut.Name == "" {
		return nil
	}
	for i := range r.hdrs {
		h := &r.hdrs[i]
		entry := relaSize
		switch h.typ {
		case elf.SHT_RELA:
		case elf.SHT_REL:
			entry = relaSize - 8 // no addend
		default:
			continue
		}
		if uint64(h.info) >= uint64(len(r.hdrs)) || r.hdrs[h.info].typ != shtLLVMCallGraph {
			continue
		}
		data, err := r.bytes(i)
		if err != nil {
			return err
		}
		for ; len(data) >= entry; data = data[entry:] {
			r.obj.LeftOut.Symbols = append(r.obj.LeftOut.Symbols, uint32(r.u64(data[8:])>>32))
		}
	}
	return nil
}
