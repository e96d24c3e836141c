// SPDX-License-Identifier: Apache-2.0

// Package kallsyms reads the symbol table that a Linux kernel carries in its own
// read-only data (CONFIG_KALLSYMS), from the bytes of the kernel alone.
//
// scripts/kallsyms.c of the kernel writes the table. It has no header, and where
// it is nobody says; it is found by its token table, which has the digits as ten
// tokens in a row. All parts are then checked against each other, so that other
// data is not taken for a table:
//
//	num_syms       the number of symbols
//	names          for each symbol a length and so many tokens
//	markers        the offset in names of each 256th symbol
//	seqs_of_names  since 6.2, and in stable kernels: not used here
//	token_table    256 strings
//	token_index    the offset of each string in token_table
//	offsets        the address of each symbol, from relative_base
//	relative_base
//
// Up to 6.3 offsets and relative_base come first, later they follow token_index.
// In 7.x there is no relative_base: offsets are from where they are themselves, and
// the parts are aligned to 4 instead of 8 bytes. The first character of a symbol is
// its type as in nm. Names whose length needs two bytes exist since 6.1.
//
// Only tables with 32-bit offsets are read (CONFIG_KALLSYMS_BASE_RELATIVE, which
// arm64 always had). Nothing here may panic or use memory out of proportion to the
// table, whatever the input.
package kallsyms

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Symbol is an entry of the table.
type Symbol struct {
	Name   string
	Offset uint32 // from the table's base
	Type   byte   // as in nm
}

// Table is a symbol table.
type Table struct {
	Symbols []Symbol // in ascending order of Offset
	// Start and End enclose all parts of the table, in bytes from the image's start.
	Start, End int
	// BaseField is where the 64-bit word with the base is, or -1 if the table has
	// none.
	BaseField int
	// FromStart says that offsets are from the image's start.
	FromStart bool
	// OffsetsFirst says that the table has the layout of 6.3 and before.
	OffsetsFirst bool
}

// ErrNone means that an image has no token table.
var ErrNone = errcode.KallsymsMissing.Errorf("no kallsyms table found")

// Limits. The kernel's KSYM_NAME_LEN is 512; the largest kernels have less than a
// million symbols.
const (
	maxName    = 1024
	maxSymbols = 4 << 20
	maxNames   = 256 << 20 // bytes of all names together
	minSymbols = 16
	maxTables  = 8 // token tables that belong to no table
	wordSize   = 8
	tokens     = 256
)

// Find finds and decodes the table of an image. The error is ErrNone, or says why
// what looks like a table is none.
func Find(image []byte) (*Table, error) {
	err := ErrNone
	for from, tries := 0, 0; tries < maxTables; {
		at := bytes.Index(image[from:], []byte(digits))
		if at < 0 {
			return nil, err
		}
		at += from
		from = at + 1
		for _, alignment := range []int{8, 4} {
			tok := newTokenTable(image, at, alignment)
			if tok == nil {
				continue
			}
			t, e := decode(image, tok)
			if e == nil {
				return t, nil
			}
			tries++
			err = fmt.Errorf("kallsyms table at %#x: %w", tok.start, e)
		}
	}
	return nil, err
}

// digits are the tokens of the ten digits. Each occurs in some name, so that the
// token with its number is the digit itself.
const digits = "0\x001\x002\x003\x004\x005\x006\x007\x008\x009\x00"

// tokenTable is token_table and token_index.
type tokenTable struct {
	start, end int // of both
	alignment  int // of each part of the table
	token      [tokens][]byte
}

// newTokenTable returns the table that has the digits at an offset, or nil.
func newTokenTable(image []byte, digitsAt, alignment int) *tokenTable {
	// The end of the table is that of the last token.
	end := digitsAt
	for range tokens - '0' {
		n := bytes.IndexByte(image[end:min(len(image), end+maxName)], 0)
		if n < 0 {
			return nil
		}
		end += n + 1
	}
	index := align(end, alignment)
	if index+2*tokens > len(image) {
		return nil
	}
	t := &tokenTable{start: digitsAt - int(binary.LittleEndian.Uint16(image[index+2*'0':])), end: index + 2*tokens, alignment: alignment}
	if t.start < 0 {
		return nil
	}
	pos := t.start
	for i := range tokens {
		if int(binary.LittleEndian.Uint16(image[index+2*i:])) != pos-t.start {
			return nil
		}
		n := bytes.IndexByte(image[pos:end], 0)
		if n < 0 {
			return nil
		}
		t.token[i] = image[pos : pos+n]
		pos += n + 1
	}
	if pos != end {
		return nil
	}
	return t
}

func align(n, to int) int { return (n + to - 1) &^ (to - 1) }
