// SPDX-License-Identifier: Apache-2.0

package symbolize

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strings"
	"testing"
)

// symbol is a symbol of a small kernel; kind is its type.
type symbol struct {
	name        string
	kind        elf.SymType
	value, size uint64
}

// The section .text of a small kernel.
const (
	textStart = 0xffff_8000_0800_0000
	textSize  = 0x1000
)

// link makes a kernel with one section of code, a section of data after it, and symbols.
func link(t testing.TB, symbols ...symbol) []byte {
	t.Helper()
	names := "\x00.text\x00.data\x00.symtab\x00.strtab\x00"
	strtab := "\x00"
	var symtab bytes.Buffer
	write := func(b *bytes.Buffer, data any) {
		if err := binary.Write(b, binary.LittleEndian, data); err != nil {
			t.Fatal(err)
		}
	}
	write(&symtab, elf.Sym64{})
	for _, s := range symbols {
		write(&symtab, elf.Sym64{Name: uint32(len(strtab)), Info: byte(s.kind), Shndx: 1, Value: s.value, Size: s.size})
		strtab += s.name + "\x00"
	}
	const header = 64
	body := append(symtab.Bytes(), strtab...)
	namesAt := header + len(body)
	body = append(body, names...)
	var b bytes.Buffer
	write(&b, elf.Header64{
		Ident: [16]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1},
		Type:  uint16(elf.ET_DYN), Version: 1, Shoff: uint64(header + len(body)), Ehsize: header, Shentsize: 64, Shnum: 6, Shstrndx: 5,
	})
	b.Write(body)
	at := func(name string) uint32 { return uint32(strings.Index(names, name)) }
	for _, s := range []elf.Section64{
		{},
		{Name: at(".text"), Type: uint32(elf.SHT_NOBITS), Flags: uint64(elf.SHF_ALLOC | elf.SHF_EXECINSTR), Addr: textStart, Size: textSize},
		{Name: at(".data"), Type: uint32(elf.SHT_NOBITS), Flags: uint64(elf.SHF_ALLOC), Addr: textStart + textSize, Size: textSize},
		{Name: at(".symtab"), Type: uint32(elf.SHT_SYMTAB), Off: header, Size: uint64(symtab.Len()), Link: 4, Info: 1, Entsize: 24},
		{Name: at(".strtab"), Type: uint32(elf.SHT_STRTAB), Off: uint64(header + symtab.Len()), Size: uint64(len(strtab))},
		{Name: at(".strtab"), Type: uint32(elf.SHT_STRTAB), Off: uint64(namesAt), Size: uint64(len(names))},
	} {
		write(&b, s)
	}
	return b.Bytes()
}

func kernel(t testing.TB, symbols ...symbol) *Kernel {
	t.Helper()
	k, err := New(bytes.NewReader(link(t, symbols...)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestFind(t *testing.T) {
	k := kernel(t,
		symbol{"second", elf.STT_FUNC, textStart + 0x200, 0x80},
		symbol{"first", elf.STT_FUNC, textStart + 0x100, 0x40},
		symbol{"label", elf.STT_NOTYPE, textStart + 0x200, 0},
		symbol{"$x", elf.STT_NOTYPE, textStart + 0x210, 0},
		symbol{".L1", elf.STT_NOTYPE, textStart + 0x214, 0},
		symbol{"object", elf.STT_OBJECT, textStart + 0x220, 8},
		symbol{"data", elf.STT_NOTYPE, textStart + textSize, 0},
	)
	for _, c := range []struct {
		name    string
		address uint64
		want    string
	}{
		{"a function's start", textStart + 0x100, "first+0x0"},
		{"inside", textStart + 0x13c, "first+0x3c"},
		{"after its end", textStart + 0x1fc, "first+0xfc"},
		{"a function and a label at one address", textStart + 0x200, "second+0x0"},
		{"no mapping symbol, local label or object", textStart + 0x230, "second+0x30"},
		{"the last instruction", textStart + textSize - 4, "second+0xdfc"},
		{"before all functions", textStart, ""},
		{"data", textStart + textSize, ""},
		{"nothing", 0, ""},
		{"the last address", ^uint64(0), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, ok := k.Find(c.address)
			if ok != (c.want != "") || ok && p.String() != c.want {
				t.Errorf("%#x: got %q %t, want %q", c.address, p, ok, c.want)
			}
		})
	}
	if p, ok := kernel(t).Find(textStart); ok {
		t.Errorf("a kernel without functions: got %v", p)
	}
}

func TestNewErrors(t *testing.T) {
	good := link(t)
	stripped := bytes.Clone(good)
	const symbolTable, headerSize, typeAt = 3, 64, 4
	binary.LittleEndian.PutUint32(stripped[binary.LittleEndian.Uint64(good[0x28:])+symbolTable*headerSize+typeAt:], uint32(elf.SHT_NOBITS))
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"empty", "EOF", nil},
		{"text", "magic", []byte(strings.Repeat("text", 40))},
		{"cut", "EOF", good[:len(good)-1]},
		{"stripped", "no symbols", stripped},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := New(bytes.NewReader(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func FuzzNew(f *testing.F) {
	f.Add(link(f), uint64(textStart))
	f.Add(link(f, symbol{"first", elf.STT_FUNC, textStart, 0x40}), uint64(textStart))
	f.Fuzz(func(t *testing.T, data []byte, address uint64) {
		if k, err := New(bytes.NewReader(data)); err == nil {
			k.Find(address)
		}
	})
}
