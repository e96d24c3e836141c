// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"debug/elf"
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/arena"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// Sizes of the fixed structures of ELF64, in bytes (gABI, chapter 4).
const (
	ehdrSize = 64
	shdrSize = 64
	symSize  = 24
)

// Section types that debug/elf does not name.
const (
	shtLLVMAddrsig      = 0x6fff4c03 // SHT_LLVM_ADDRSIG
	shtLLVMCallGraph    = 0x6fff4c09 // SHT_LLVM_CALL_GRAPH_PROFILE
	shtLLVMCallGraphOld = 0x6fff4c02 // the same, before LLVM 13
	shtCREL             = 0x40000014 // SHT_CREL
	shtRelr             = 19         // SHT_RELR
)

// shfRelaLivepatch is SHF_RELA_LIVEPATCH (include/uapi/linux/elf.h). Such
// relocations stay a section of their own, apart from the ordinary relocations of
// the section that they apply to, since the kernel applies them later.
const shfRelaLivepatch elf.SectionFlag = 0x00100000

// shfMbind is SHF_GNU_MBIND: sh_info says which memory the section is for.
const shfMbind elf.SectionFlag = 0x01000000

// shdr is a section header as in the file.
type shdr struct {
	name             uint32
	typ              elf.SectionType
	flags            elf.SectionFlag
	flagsHigh        uint32 // bits 32 to 63 of sh_flags, none of which is defined
	off, size        uint64
	link, info       uint32
	addralign, entsz uint64
}

// reader holds what parsing one object needs.
type reader struct {
	name  string
	data  []byte
	ord   binary.ByteOrder
	big   bool
	hdrs  []shdr
	names string // section header string table

	sectionNames int // its section header number
	obj          *Object
	index        []SectionIndex // section header number -> index in obj.Sections, or see groupSection
	symtab       int            // section header number of the symbol table, 0 for none
	ngroups      int
	addresses    uint64 // the sh_addr of all sections, or'ed
	linked       []int  // section headers whose sh_link and sh_info are not kept
	nameBytes    int    // bytes of all names so far
	parser       *Parser
}

// Parse parses a relocatable object. The object refers to data, which must not
// change. The name is for messages. Errors are of type *[Error].
func Parse(name string, data []byte) (*Object, error) { return new(Parser).Parse(name, data) }

// Parser parses objects. It reuses temporary memory and allocates the objects
// from arenas. It is not safe for concurrent use.
type Parser struct {
	hdrs     []shdr
	index    []SectionIndex
	objects  arena.Arena[Object]
	sections arena.Arena[Section]
	pointers arena.Arena[*Section]
	symbols  arena.Arena[Symbol]
	hashes   arena.Arena[uint32]
	strings  arena.Arena[byte]
	groups   arena.Arena[Group]
	members  arena.Arena[SectionIndex]
}

// MapSymbols makes the parser allocate symbols and their names in mapped memory
// instead of the heap, so that ReleaseSymbols can free the symbols. The garbage
// collector does not scan mapped memory: symbols must not be given names that are
// on the heap. MapSymbols must be called before the first Parse.
func (p *Parser) MapSymbols() { p.symbols.Mapped, p.strings.Mapped = true, true }

// ReleaseSymbols frees the symbols of all objects of the parser, if they are
// mapped. Their Symbols must not be used any more. The names remain.
func (p *Parser) ReleaseSymbols() { p.symbols.Release() }

// Parse parses an object; see the function Parse.
func (p *Parser) Parse(name string, data []byte) (*Object, error) {
	r := &reader{name: name, data: data, hdrs: p.hdrs[:0], index: p.index[:0], parser: p}
	defer func() { p.hdrs, p.index = r.hdrs, r.index }()
	for _, step := range []func() error{r.ident, r.sectionHeaders, r.sections, r.symbols, r.relocations, r.groups, r.unkept} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.obj, nil
}

func (r *reader) errorf(code errcode.Code, offset int64, advice, format string, args ...any) *Error {
	return errorf(code, r.name, offset, advice, format, args...)
}

// ident checks the ELF header (gABI, "ELF Header").
func (r *reader) ident() error {
	d := r.data
	if len(d) < ehdrSize || string(d[:4]) != elf.ELFMAG {
		return identify(r.name, d)
	}
	if c := elf.Class(d[elf.EI_CLASS]); c != elf.ELFCLASS64 {
		return r.errorf(errcode.Not64Bit, elf.EI_CLASS, "compile it for a 64-bit target", "ELF class is %s, want ELFCLASS64", c)
	}
	switch elf.Data(d[elf.EI_DATA]) {
	case elf.ELFDATA2LSB:
		r.ord = binary.LittleEndian
	case elf.ELFDATA2MSB:
		r.ord, r.big = binary.BigEndian, true
	default:
		return r.errorf(errcode.DamagedHeader, elf.EI_DATA, Damaged, "ELF data encoding is %d, want 1 or 2", d[elf.EI_DATA])
	}
	if v := d[elf.EI_VERSION]; v != 1 {
		return r.errorf(errcode.DamagedHeader, elf.EI_VERSION, Damaged, "ELF version is %d, want 1", v)
	}
	if t := elf.Type(r.ord.Uint16(d[16:])); t != elf.ET_REL {
		return r.errorf(errcode.NotRelocatable, 16, "use the object that the compiler wrote with -c", "file type is %s, want ET_REL (a relocatable object)", t)
	}
	em := elf.Machine(r.ord.Uint16(d[18:]))
	m := machine.For(em)
	if m == nil {
		return r.errorf(errcode.UnknownMachine, 18, "supported are "+machine.Supported(), "unsupported machine %s", em)
	}
	if r.big && !m.BigEndian {
		return r.errorf(errcode.DamagedHeader, elf.EI_DATA, Damaged, "big-endian object for %s, which is little-endian", m.Name)
	}
	r.obj = &r.parser.objects.Take(1)[0]
	*r.obj = Object{
		Name: r.name, Machine: m, BigEndian: r.big,
		OSABI: d[elf.EI_OSABI], ABIVersion: d[elf.EI_ABIVERSION],
		Flags: r.ord.Uint32(d[48:]),
	}
	return nil
}

// sectionHeaders reads the section header table and the section name table.
// Counts too large for the ELF header are in the first entry (gABI, "Section
// Header", e_shnum and e_shstrndx).
func (r *reader) sectionHeaders() error {
	d := r.data
	shoff := r.ord.Uint64(d[40:])
	entsize, num, strndx := r.ord.Uint16(d[58:]), uint64(r.ord.Uint16(d[60:])), uint64(r.ord.Uint16(d[62:]))
	if shoff == 0 {
		return r.errorf(errcode.DamagedHeader, 40, Damaged, "no section header table")
	}
	if entsize != shdrSize {
		return r.errorf(errcode.DamagedHeader, 58, Damaged, "section header size is %d, want %d", entsize, shdrSize)
	}
	if shoff > uint64(len(d)) || uint64(len(d))-shoff < shdrSize {
		return r.errorf(errcode.Truncated, 40, Damaged, "section header table at %#x is outside the file of %d bytes", shoff, len(d))
	}
	if num == 0 {
		num = r.ord.Uint64(d[shoff+32:])
	}
	if num == 0 || num > (uint64(len(d))-shoff)/shdrSize {
		return r.errorf(errcode.Truncated, 60, Damaged, "%d section headers at %#x extend past the end of the file of %d bytes", num, shoff, len(d))
	}
	if strndx == uint64(elf.SHN_XINDEX) {
		strndx = uint64(r.ord.Uint32(d[shoff+40:]))
	}
	r.hdrs = slices.Grow(r.hdrs, int(num))[:num]
	for i := range r.hdrs {
		b := d[shoff+uint64(i)*shdrSize:][:shdrSize]
		flags := r.u64(b[8:])
		r.addresses |= r.u64(b[16:])
		r.hdrs[i] = shdr{
			name: r.u32(b), typ: elf.SectionType(r.u32(b[4:])), flags: elf.SectionFlag(flags), flagsHigh: uint32(flags >> 32),
			off: r.u64(b[24:]), size: r.u64(b[32:]),
			link: r.u32(b[40:]), info: r.u32(b[44:]),
			addralign: r.u64(b[48:]), entsz: r.u64(b[56:]),
		}
	}
	if strndx >= num || r.hdrs[strndx].typ != elf.SHT_STRTAB {
		return r.errorf(errcode.DamagedHeader, 62, Damaged, "section %d, given as the section name table, is not a string table", strndx)
	}
	names, err := r.bytes(int(strndx))
	if err != nil {
		return err
	}
	r.names, r.sectionNames = arena.String(&r.parser.strings, names), int(strndx)
	return nil
}

// u32 and u64 read numbers in the file's byte order. They do not use r.ord, as
// calls through an interface would be slower than the rest.
func (r *reader) u32(b []byte) uint32 {
	v := binary.LittleEndian.Uint32(b)
	if r.big {
		v = bits.ReverseBytes32(v)
	}
	return v
}

func (r *reader) u64(b []byte) uint64 {
	v := binary.LittleEndian.Uint64(b)
	if r.big {
		v = bits.ReverseBytes64(v)
	}
	return v
}

// bytes returns the contents of section header i.
func (r *reader) bytes(i int) ([]byte, error) {
	h := &r.hdrs[i]
	if h.typ == elf.SHT_NOBITS || i == 0 {
		return nil, nil
	}
	if h.off > uint64(len(r.data)) || h.size > uint64(len(r.data))-h.off {
		return nil, r.errorf(errcode.Truncated, int64(h.off&^(1<<63)), Damaged, "section %d of %d bytes is outside the file of %d bytes", i, h.size, len(r.data))
	}
	return r.data[h.off : h.off+h.size : h.off+h.size], nil
}

// sections reads the sections with contents. The tables of the file format are
// read by later steps, and generated by the writer.
func (r *reader) sections() error {
	r.index = slices.Grow(r.index, len(r.hdrs))[:len(r.hdrs)]
	clear(r.index)
	count := 0
	for i := range r.hdrs {
		if !isTable(r.hdrs[i].typ) || r.hdrs[i].isLivepatch() {
			count++
		}
	}
	kept := r.parser.sections.Take(count)[:0]
	taken := 0
	for i := 1; i < len(r.hdrs); i++ {
		h := &r.hdrs[i]
		name, ok := cstring(r.names, h.name)
		if !ok {
			return r.errorf(errcode.DamagedSection, -1, Damaged, "name of section %d is outside the section name table", i)
		}
		if r.tooManyNames(name) {
			return r.errorf(errcode.DamagedSection, -1, Damaged, "the names of %d sections have %d bytes, in a file of %d bytes", i, r.nameBytes, len(r.data))
		}
		data, err := r.bytes(i)
		if err != nil {
			return err
		}
		// Sections must not overlap (gABI, "Sections"). A small overlap does no
		// harm, but thousands of sections that cover the whole file would make the
		// output far larger than the input.
		if taken += len(data); taken > 2*len(r.data) {
			return r.sectionError(errcode.DamagedSection, i, Damaged, "sections overlap: they have at least %d bytes, in a file of %d bytes", taken, len(r.data))
		}
		if h.addralign&(h.addralign-1) != 0 || h.addralign > MaxAlign {
			return r.sectionError(errcode.DamagedSection, i, Damaged, "alignment is %#x, want a power of two up to %#x", h.addralign, MaxAlign)
		}
		if h.flagsHigh != 0 {
			return r.sectionError(errcode.SectionFlags, i, "build it without the tool that sets them", "unknown section flags %#x", uint64(h.flagsHigh)<<32)
		}
		if bad := h.flags & (elf.SHF_OS_NONCONFORMING | shfMbind); bad != 0 {
			return r.sectionError(errcode.SectionFlags, i, "link it with the linker of its system, or build it without", "section flags %#x ask for treatment that is not known", uint64(bad))
		}
		keep, err := r.classify(i, name)
		if err != nil {
			return err
		}
		if !keep {
			continue
		}
		kept = kept[:len(kept)+1]
		s := &kept[len(kept)-1]
		s.Name, s.Object, s.Type, s.Flags, s.Size = name, r.obj, h.typ, h.flags&^elf.SHF_INFO_LINK, h.size
		s.Addralign, s.Entsize, s.Data, s.index = h.addralign, h.entsz, data, uint32(i)
		r.index[i] = SectionIndex(len(kept))
		if h.link|h.info != 0 && h.flags&elf.SHF_LINK_ORDER == 0 && h.typ != elf.SHT_RELA {
			r.linked = append(r.linked, i)
		}
	}
	r.obj.Sections = r.parser.pointers.Take(len(kept) + 1)
	for i := range kept {
		s := &kept[i]
		r.obj.Sections[i+1] = s
		if s.Flags&elf.SHF_LINK_ORDER != 0 {
			link := r.hdrs[s.index].link
			if uint64(link) >= uint64(len(r.hdrs)) {
				return r.sectionError(errcode.DamagedSection, int(s.index), Damaged, "SHF_LINK_ORDER refers to section %d of %d", link, len(r.hdrs))
			}
			s.LinkOrder = max(r.index[link], 0)
		}
	}
	return nil
}

// sectionError returns an error about section header i.
func (r *reader) sectionError(code errcode.Code, i int, advice, format string, args ...any) *Error {
	e := r.errorf(code, -1, advice, format, args...)
	e.Section, _ = cstring(r.names, r.hdrs[i].name)
	return e
}

// isLivepatch reports whether a section holds relocations of a live patch.
func (h *shdr) isLivepatch() bool { return h.typ == elf.SHT_RELA && h.flags&shfRelaLivepatch != 0 }

// isTable reports whether a section type is a table of the file format.
func isTable(t elf.SectionType) bool {
	switch t {
	case elf.SHT_NULL, elf.SHT_RELA, elf.SHT_SYMTAB, elf.SHT_SYMTAB_SHNDX, elf.SHT_GROUP:
		return true
	}
	return false
}

// classify reports whether to keep a section, and rejects section types that a
// partial link cannot handle.
func (r *reader) classify(i int, name string) (keep bool, err error) {
	h := &r.hdrs[i]
	switch h.typ {
	case elf.SHT_NULL, elf.SHT_SYMTAB_SHNDX:
		return false, nil
	case elf.SHT_RELA:
		return h.isLivepatch(), nil
	case elf.SHT_GROUP:
		r.index[i] = groupSection(r.ngroups)
		r.ngroups++
		return false, nil
	case elf.SHT_SYMTAB:
		if r.symtab != 0 {
			return false, r.sectionError(errcode.DamagedSymbols, i, Damaged, "second symbol table")
		}
		r.symtab = i
		return false, nil
	case elf.SHT_STRTAB:
		// A table that nothing names as its own, but has the name of one, is left
		// over from a symbol table that was removed.
		return !r.isNameTable(i) && name != ".strtab" && name != ".shstrtab", nil
	case shtLLVMAddrsig:
		// The raw symbol indices in it are useless after a link; LLVM's linker
		// drops it as well with -r.
		return false, nil
	case shtLLVMCallGraph, shtLLVMCallGraphOld:
		// How often functions call each other, by which LLVM's linker orders
		// them. It names functions by SHT_REL relocations, which no other section
		// of these machines has, and before LLVM 13 by raw symbol indices.
		r.obj.LeftOut.Name = name
		r.obj.LeftOut.Data, err = r.bytes(i)
		return false, err
	case elf.SHT_REL:
		if uint64(h.info) < uint64(len(r.hdrs)) && r.hdrs[h.info].typ == shtLLVMCallGraph {
			return false, nil
		}
		return false, r.sectionError(errcode.RelocationTable, i, "use a compiler that writes SHT_RELA", "relocations without addends (SHT_REL) are not supported on %s", r.obj.Machine.Name)
	case shtCREL:
		return false, r.sectionError(errcode.RelocationTable, i, "compile without -Wa,--crel", "compact relocations (SHT_CREL) are not supported")
	case elf.SHT_HASH, elf.SHT_DYNAMIC, elf.SHT_DYNSYM, elf.SHT_GNU_HASH, elf.SHT_GNU_VERDEF, elf.SHT_GNU_VERNEED, elf.SHT_GNU_VERSYM, shtRelr:
		return false, r.sectionError(errcode.NotRelocatable, i, "use the object that the compiler wrote with -c", "section type %s is for linked files only", h.typ)
	}
	switch r.obj.Machine.TypeRule(h.typ, h.flags) {
	case machine.TypeRefused:
		return false, r.sectionError(errcode.SectionType, i, "if nothing needs the section, remove it with objcopy -R "+name, "section type %s is not supported for %s", r.obj.Machine.TypeName(h.typ), r.obj.Machine.Name)
	case machine.TypeAlone:
		if h.flags&elf.SHF_LINK_ORDER == 0 && h.link|h.info != 0 {
			return false, r.sectionError(errcode.SectionType, i, "if nothing needs the section, remove it with objcopy -R "+name, "section type %s cannot be carried through: its sh_link or sh_info refers to something", r.obj.Machine.TypeName(h.typ))
		}
	}
	return true, nil
}

// isNameTable reports whether a string table has the names of sections or symbols.
func (r *reader) isNameTable(i int) bool {
	return i == r.sectionNames || slices.ContainsFunc(r.hdrs, func(h shdr) bool { return h.typ == elf.SHT_SYMTAB && int(h.link) == i })
}

// relocations attaches each relocation section to the section that it applies
// to, which is given by sh_info and not by its name.
func (r *reader) relocations() error {
	for i := range r.hdrs {
		h := &r.hdrs[i]
		if h.typ != elf.SHT_RELA {
			continue
		}
		data, err := r.bytes(i)
		if err != nil {
			return err
		}
		if h.entsz != relaSize || h.size%relaSize != 0 {
			return r.sectionError(errcode.DamagedRelocations, i, Damaged, "size is %d and entry size %d, want entries of %d bytes", h.size, h.entsz, relaSize)
		}
		if uint64(h.info) >= uint64(len(r.hdrs)) {
			return r.sectionError(errcode.DamagedRelocations, i, Damaged, "applies to section %d of %d", h.info, len(r.hdrs))
		}
		target := r.index[h.info]
		if target > 0 && r.hdrs[h.info].typ == elf.SHT_RELA {
			target = 0
		}
		if target <= 0 {
			switch r.hdrs[h.info].typ {
			case shtLLVMAddrsig, shtLLVMCallGraph, shtLLVMCallGraphOld:
				continue
			}
			return r.sectionError(errcode.DamagedRelocations, i, Damaged, "applies to section %d, which has no contents", h.info)
		}
		if h.isLivepatch() {
			s := r.obj.Sections[r.index[i]]
			s.Relocs, s.Data, s.LinkOrder = data, nil, target
		}
		if len(data) == 0 {
			continue
		}
		if int(h.link) != r.symtab || r.symtab == 0 {
			return r.sectionError(errcode.DamagedRelocations, i, Damaged, "its symbol table is section %d, want %d", h.link, r.symtab)
		}
		if h.isLivepatch() {
			continue
		}
		s := r.obj.Sections[target]
		if s.Relocs != nil {
			data = append(s.Relocs, data...) // copies, as bytes sets the capacity
		}
		s.Relocs = data
		_, s.zdebug = s.Zdebug()
	}
	r.readRelocOrder()
	return nil
}

// groups reads the section groups (gABI, "Section Groups").
func (r *reader) groups() error {
	r.obj.Groups = r.parser.groups.Take(r.ngroups)[:0]
	for i := range r.hdrs {
		h := &r.hdrs[i]
		if h.typ != elf.SHT_GROUP {
			continue
		}
		data, err := r.bytes(i)
		if err != nil {
			return err
		}
		if len(data) < 4 || len(data)%4 != 0 {
			return r.sectionError(errcode.DamagedGroup, i, Damaged, "section group has %d bytes, want a multiple of 4", len(data))
		}
		if int(h.link) != r.symtab || uint64(h.info) >= uint64(len(r.obj.Symbols)) {
			return r.sectionError(errcode.DamagedGroup, i, Damaged, "its signature is symbol %d of section %d, which does not exist", h.info, h.link)
		}
		if r.obj.Symbols[h.info].Section == droppedSection {
			return r.sectionError(errcode.DamagedGroup, i, Damaged, "its signature is symbol %d, which is defined in a table", h.info)
		}
		name, _ := cstring(r.names, h.name)
		g := Group{Name: name, Signature: int(h.info), Flags: r.u32(data), index: i}
		g.Members = r.parser.members.Take(len(data)/4 - 1)[:0]
		for off := 4; off < len(data); off += 4 {
			n := r.u32(data[off:])
			if n == 0 || uint64(n) >= uint64(len(r.hdrs)) {
				e := r.sectionError(errcode.DamagedGroup, i, Damaged, "group member %d is not a section", n)
				e.Offset = int64(off)
				return e
			}
			// Relocation sections belong to the section that they apply to.
			if m := r.index[n]; m > 0 && r.hdrs[n].typ != elf.SHT_RELA {
				g.Members = append(g.Members, m)
			}
		}
		r.obj.Groups = append(r.obj.Groups, g)
	}
	return nil
}
