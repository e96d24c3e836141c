// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"bytes"
	"debug/elf"
	"encoding/binary"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// identify returns an error for a file that is not ELF, which says what it is.
func identify(name string, data []byte) *Error {
	switch {
	case len(data) == 0:
		return errorf(errcode.EmptyObject, name, -1, "the compile that made it failed or was interrupted", "file is empty")
	case bytes.HasPrefix(data, []byte("BC\xc0\xde")), bytes.HasPrefix(data, []byte{0xde, 0xc0, 0x17, 0x0b}):
		return errorf(errcode.Bitcode, name, -1, "compile it without -flto (the kernel: CONFIG_LTO_NONE=y)", "LLVM bitcode, not machine code")
	case bytes.HasPrefix(data, []byte(ArchiveMagic)), bytes.HasPrefix(data, []byte(ThinArchiveMagic)):
		return errorf(errcode.ArchiveNotObject, name, -1, "use its members, or link it with 'hyplink link'", "an archive, not an object")
	case len(data) < ehdrSize && bytes.HasPrefix([]byte(elf.ELFMAG), data[:min(4, len(data))]):
		return errorf(errcode.Truncated, name, int64(len(data)), Damaged, "file ends inside the ELF header")
	}
	return errorf(errcode.NotELF, name, 0, "use a relocatable object from a compiler or assembler", "not an ELF file")
}

// MayDefine reports whether a file is one that defines symbols for a link: an ELF
// relocatable object, be it damaged or for another machine, or a compiler's
// intermediate code. Others are texts, archives, or linked already.
func MayDefine(data []byte) bool {
	if len(data) < ehdrSize || string(data[:4]) != elf.ELFMAG {
		code := identify("", data).Code
		return code == errcode.Bitcode || code == errcode.Truncated
	}
	typ := binary.LittleEndian.Uint16(data[16:])
	if elf.Data(data[elf.EI_DATA]) == elf.ELFDATA2MSB {
		typ = binary.BigEndian.Uint16(data[16:])
	}
	switch elf.Type(typ) {
	case elf.ET_EXEC, elf.ET_DYN, elf.ET_CORE:
		return false
	}
	return true
}
