// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// FuzzParse parses arbitrary bytes. An object that is accepted can be written,
// and parsed and written again with the same bytes.
func FuzzParse(f *testing.F) {
	for _, big := range []bool{false, true} {
		b := encode(f, sample(big))
		f.Add(b)
		for i := range len(b) / 40 {
			f.Add(b[:i*40])
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkParse(t, data) })
}

// FuzzTables damages fields in the tables of a valid object, which mutations of
// bytes rarely do.
func FuzzTables(f *testing.F) {
	f.Add(uint16(0), uint8(40), uint64(1<<40), uint16(3), uint8(32), uint64(7))
	f.Add(uint16(2), uint8(48), uint64(3), uint16(9), uint8(4), uint64(2))
	f.Fuzz(func(t *testing.T, row1 uint16, field1 uint8, value1 uint64, row2 uint16, field2 uint8, value2 uint64) {
		b := encode(t, sample(false))
		damageField(b, row1, field1, value1)
		damageField(b, row2, field2, value2)
		checkParse(t, b)
	})
}

// damageField sets a field in a row: row 0 is the ELF header, section headers
// follow, then symbols and relocations.
func damageField(b []byte, row uint16, field uint8, value uint64) {
	le := binary.LittleEndian
	shoff, n := le.Uint64(b[40:]), le.Uint16(b[60:])
	at := uint64(0)
	switch {
	case row == 0:
	case row <= n:
		at = shoff + uint64(row-1)*shdrSize
	default:
		at = uint64(ehdrSize) + uint64(row-n)*8
	}
	at += uint64(field % 64 &^ 1)
	if at+8 <= uint64(len(b)) {
		switch field % 4 {
		case 0:
			le.PutUint64(b[at:], value)
		case 1, 2:
			le.PutUint32(b[at:], uint32(value))
		case 3:
			le.PutUint16(b[at:], uint16(value))
		}
	}
}

func checkParse(t *testing.T, data []byte) {
	o, err := Parse("fuzz.o", data)
	if err != nil {
		if _, ok := err.(*Error); !ok {
			t.Fatalf("error of type %T: %v", err, err)
		}
		return
	}
	for _, s := range o.Sections {
		if s != nil {
			for range o.Relocations(s) {
			}
		}
	}
	im, err := o.layout()
	if err != nil || im.size > 1<<22 {
		return
	}
	first, err := sameInAllWindows(t, o)
	if err != nil {
		return // an invalid relocation
	}
	checkJoined(t, data, 3, false)
	again, err := Parse("again.o", first)
	if err != nil {
		t.Fatalf("cannot parse the output: %v", err)
	}
	if second := encode(t, again); !bytes.Equal(first, second) {
		t.Fatal("writing the output again changes the bytes")
	}
}
