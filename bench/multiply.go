// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// An archive starts with archiveMagic and has a header of 60 bytes before each member (ar(5)).
const (
	archiveMagic  = "!<arch>\n"
	archiveHeader = 60
)

// prefixArchive returns an archive with a prefix added to all symbols. It drops the symbol index, which linkers do not use with --whole-archive.
func prefixArchive(archive []byte, prefix string) ([]byte, error) {
	if !bytes.HasPrefix(archive, []byte(archiveMagic)) {
		return nil, fmt.Errorf("not an archive: starts with %q", archive[:min(len(archive), 8)])
	}
	out := []byte(archiveMagic)
	for at := len(archiveMagic); at < len(archive); {
		if at+archiveHeader > len(archive) {
			return nil, fmt.Errorf("offset %d: truncated member header", at)
		}
		header := archive[at : at+archiveHeader]
		size, err := strconv.Atoi(strings.TrimSpace(string(header[48:58])))
		if err != nil || size < 0 || size > len(archive)-at-archiveHeader {
			return nil, fmt.Errorf("offset %d: got member size %q", at, header[48:58])
		}
		member := archive[at+archiveHeader : at+archiveHeader+size]
		at += archiveHeader + size + size%2
		switch name := strings.TrimSpace(string(header[:16])); name {
		case "/", "/SYM64/": // the index
			continue
		case "//": // long names
		default:
			if member, err = prefixSymbols(member, prefix); err != nil {
				return nil, fmt.Errorf("member %s: %w", name, err)
			}
		}
		out = append(out, header[:48]...)
		out = append(out, fmt.Sprintf("%-10d`\n", len(member))...)
		out = append(out, member...)
		if len(member)%2 == 1 {
			out = append(out, '\n')
		}
	}
	return out, nil
}

// prefixSymbols returns a 64-bit little-endian object with a prefix added to all symbol names. The new string table is at the end; nothing else moves.
func prefixSymbols(object []byte, prefix string) ([]byte, error) {
	f, err := elf.NewFile(bytes.NewReader(object))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if f.Class != elf.ELFCLASS64 || f.ByteOrder != binary.LittleEndian {
		return nil, fmt.Errorf("got %v, %v, want a 64-bit little-endian object", f.Class, f.Data)
	}
	out := bytes.Clone(object)
	le := binary.LittleEndian
	headers := le.Uint64(out[40:])
	for _, s := range f.Sections {
		if s.Type != elf.SHT_SYMTAB {
			continue
		}
		if int(s.Link) >= len(f.Sections) {
			return nil, fmt.Errorf("%s: got string table %d of %d sections", s.Name, s.Link, len(f.Sections))
		}
		old, err := f.Sections[s.Link].Data()
		if err != nil {
			return nil, err
		}
		table := []byte{0}
		for at := s.Offset; at+elf.Sym64Size <= s.Offset+s.FileSize; at += elf.Sym64Size {
			name := le.Uint32(out[at:])
			if name == 0 {
				continue
			}
			if int(name) >= len(old) {
				return nil, fmt.Errorf("%s: got name %d in a string table of %d bytes", s.Name, name, len(old))
			}
			text, _, _ := bytes.Cut(old[name:], []byte{0})
			le.PutUint32(out[at:], uint32(len(table)))
			table = append(append(append(table, prefix...), text...), 0)
		}
		header := headers + uint64(s.Link)*64 // sh_offset and sh_size are at 24 and 32 (gABI, Section Header)
		le.PutUint64(out[header+24:], uint64(len(out)))
		le.PutUint64(out[header+32:], uint64(len(table)))
		out = append(out, table...)
	}
	return out, nil
}
