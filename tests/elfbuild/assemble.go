// SPDX-License-Identifier: Apache-2.0

package elfbuild

import "debug/elf"

// stringTable is a string table without duplicates.
type stringTable struct {
	data []byte
	at   map[string]uint32
}

func (t *stringTable) add(s string) uint32 {
	if at, ok := t.at[s]; ok {
		return at
	}
	if t.at == nil {
		t.at = map[string]uint32{}
	}
	t.at[s] = uint32(len(t.data))
	t.data = append(append(t.data, s...), 0)
	return t.at[s]
}

// word returns the size of an address in bytes.
func (b *builder) word() uint64 {
	if b.wide {
		return 8
	}
	return 4
}

// append appends an address.
func (b *builder) append(to []byte, v uint64) []byte {
	if b.wide {
		return b.o.AppendUint64(to, v)
	}
	return b.o.AppendUint32(to, uint32(v))
}

// assemble puts the file together: header, contents, section headers.
func (b *builder) assemble() []byte {
	names := stringTable{}
	names.add("")
	b.hdrs = append(b.hdrs, header{name: ".shstrtab", typ: elf.SHT_STRTAB, align: 1})
	offsets := make([]uint32, len(b.hdrs))
	for i := range b.hdrs {
		offsets[i] = names.add(b.hdrs[i].name)
	}
	strndx := len(b.hdrs) - 1
	b.hdrs[strndx].data = names.data

	out := make([]byte, b.headerSize())
	for i := range b.hdrs[1:] {
		h := &b.hdrs[1+i]
		out = pad(out, h.align)
		h.offs = uint64(len(out))
		if h.typ != elf.SHT_NOBITS {
			out = append(out, h.data...)
			if h.data != nil {
				h.size = uint64(len(h.data))
			}
		}
	}
	out = pad(out, b.word())
	shoff := uint64(len(out))
	// Counts too large for the ELF header are in the first section header.
	num, str := uint16(len(b.hdrs)), uint16(strndx)
	if len(b.hdrs) >= int(elf.SHN_LORESERVE) {
		b.hdrs[0].size, num = uint64(len(b.hdrs)), 0
	}
	if strndx >= int(elf.SHN_LORESERVE) {
		b.hdrs[0].link, str = uint32(strndx), uint16(elf.SHN_XINDEX)
	}
	for i := range b.hdrs {
		out = b.sectionHeader(out, &b.hdrs[i], offsets[i])
	}
	copy(out, b.elfHeader(shoff, num, str))
	return out
}

func pad(b []byte, align uint64) []byte {
	if align < 2 || align > 1<<20 {
		return b
	}
	return append(b, make([]byte, (align-uint64(len(b))%align)%align)...)
}

func (b *builder) headerSize() int {
	if b.wide {
		return 64
	}
	return 52
}

func (b *builder) elfHeader(shoff uint64, num, strndx uint16) []byte {
	f := *b.f
	if f.Class == elf.ELFCLASSNONE {
		f.Class = elf.ELFCLASS64
	}
	if f.Order == elf.ELFDATANONE {
		f.Order = elf.ELFDATA2LSB
	}
	if f.Type == elf.ET_NONE {
		f.Type = elf.ET_REL
	}
	if f.Machine == elf.EM_NONE {
		f.Machine = elf.EM_AARCH64
	}
	h := make([]byte, 16, 64)
	copy(h, elf.ELFMAG)
	h[elf.EI_CLASS], h[elf.EI_DATA], h[elf.EI_VERSION], h[elf.EI_OSABI] = byte(f.Class), byte(f.Order), byte(elf.EV_CURRENT), byte(f.OSABI)
	h = b.o.AppendUint16(h, uint16(f.Type))
	h = b.o.AppendUint16(h, uint16(f.Machine))
	h = b.o.AppendUint32(h, uint32(elf.EV_CURRENT))
	h = b.append(b.append(b.append(h, 0), 0), shoff)
	h = b.o.AppendUint32(h, f.Flags)
	entsize := uint16(64)
	if !b.wide {
		entsize = 40
	}
	for _, v := range []uint16{uint16(b.headerSize()), 0, 0, entsize, num, strndx} {
		h = b.o.AppendUint16(h, v)
	}
	return h
}

func (b *builder) sectionHeader(out []byte, h *header, name uint32) []byte {
	out = b.o.AppendUint32(out, name)
	out = b.o.AppendUint32(out, uint32(h.typ))
	for _, v := range []uint64{uint64(h.flags), 0, h.offs, h.size} {
		out = b.append(out, v)
	}
	out = b.o.AppendUint32(out, h.link)
	out = b.o.AppendUint32(out, h.info)
	return b.append(b.append(out, h.align), h.entsize)
}
