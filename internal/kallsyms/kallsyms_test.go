// SPDX-License-Identifier: Apache-2.0

package kallsyms

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// options are the layouts of scripts/kallsyms.c since 5.11.
type options struct {
	name         string
	offsetsFirst bool // up to 6.3
	seqs         bool // seqs_of_names: in the middle up to 6.3, later at the end
	noBase       bool // there is no base; before 7.x no kernel had that
	here         bool // offsets are from where they are, and parts aligned to 4 bytes
}

var layouts = []options{
	{name: "5.11 to 6.1", offsetsFirst: true},
	{name: "6.2, 6.3 and stable kernels", offsetsFirst: true, seqs: true},
	{name: "6.4 and later", seqs: true},
	{name: "without a base", seqs: true, noBase: true},
	{name: "7.x", seqs: true, noBase: true, here: true},
}

const base = 0xffff800008010000

// symbols makes n symbols, one with a name whose length needs two bytes.
func symbols(n int) []Symbol {
	list := make([]Symbol, n)
	for i := range list {
		list[i] = Symbol{Name: fmt.Sprintf("function_%d.constprop.0123456789", i), Offset: uint32(i) * 64, Type: 't'}
	}
	list[n/2].Name = strings.Repeat("long_name_", 20)
	return list
}

// encode writes a table as scripts/kallsyms.c does, after lead bytes of something
// else. Characters that occur in no name are tokens for pairs.
func encode(list []Symbol, o options, lead int) []byte {
	img := bytes.Repeat([]byte{0xa5, 0x5a, 0, 0}, lead/4)
	alignment := 8
	if o.here {
		alignment = 4
	}
	pad := func() {
		for len(img)%alignment != 0 {
			img = append(img, 0)
		}
	}
	var token [256]string
	for c := range token {
		token[c] = string([]byte{byte(c)})
	}
	token[0], token[1], token[2] = "function_", ".constprop.", "012345"
	offsets := func() {
		for _, s := range list {
			if o.here {
				s.Offset -= uint32(len(img))
			}
			img = binary.LittleEndian.AppendUint32(img, s.Offset)
		}
		pad()
		if !o.noBase {
			img = binary.LittleEndian.AppendUint64(img, base)
		}
	}
	seqs := func() {
		for i := range list {
			i = len(list) - 1 - i
			img = append(img, byte(i>>16), byte(i>>8), byte(i))
		}
		pad()
	}
	if o.offsetsFirst {
		offsets()
	}
	img = binary.LittleEndian.AppendUint32(img, uint32(len(list)))
	pad()
	names := len(img)
	var markers []uint32
	for i, s := range list {
		if i%256 == 0 {
			markers = append(markers, uint32(len(img)-names))
		}
		var packed []byte
		for text := string(s.Type) + s.Name; text != ""; {
			c := text[0]
			for t := range byte(3) {
				if strings.HasPrefix(text, token[t]) {
					c = t
				}
			}
			packed = append(packed, c)
			text = text[len(token[c]):]
		}
		if len(packed) > 0x7f {
			img = append(img, byte(len(packed)|0x80), byte(len(packed)>>7))
		} else {
			img = append(img, byte(len(packed)))
		}
		img = append(img, packed...)
	}
	pad()
	for _, m := range markers {
		img = binary.LittleEndian.AppendUint32(img, m)
	}
	pad()
	if o.offsetsFirst && o.seqs {
		seqs()
	}
	var index []byte
	start := len(img)
	for _, t := range token {
		index = binary.LittleEndian.AppendUint16(index, uint16(len(img)-start))
		if t == "\x00" {
			t = ""
		}
		img = append(append(img, t...), 0)
	}
	pad()
	img = append(img, index...)
	if !o.offsetsFirst {
		offsets()
		if o.seqs {
			seqs()
		}
	}
	return append(img, bytes.Repeat([]byte{0x11, 0x22, 0, 0, 0, 0, 0, 0}, 64)...)
}

func TestFind(t *testing.T) {
	for _, o := range layouts {
		for _, n := range []int{16, 255, 256, 257, 3000, 3001} {
			list := symbols(n)
			lead := 4096
			if o.here {
				lead += 4
			}
			img := encode(list, o, lead)
			got, err := Find(img)
			if err != nil {
				t.Errorf("%s, %d symbols: %v", o.name, n, err)
				continue
			}
			if !slices.Equal(got.Symbols, list) {
				t.Errorf("%s, %d symbols: got %d others", o.name, n, len(got.Symbols))
			}
			if got.OffsetsFirst != o.offsetsFirst || got.FromStart != o.here {
				t.Errorf("%s, %d symbols: offsets first %v, from the start %v", o.name, n, got.OffsetsFirst, got.FromStart)
			}
			if o.noBase != (got.BaseField < 0) || !o.noBase && binary.LittleEndian.Uint64(img[got.BaseField:]) != base {
				t.Errorf("%s, %d symbols: the base is at %d", o.name, n, got.BaseField)
			}
		}
	}
}

// TestDamaged changes one part of a table after another, so that they contradict.
func TestDamaged(t *testing.T) {
	for _, o := range layouts {
		img := encode(symbols(600), o, 64)
		at := bytes.Index(img, []byte(digits))
		index := at
		for !bytes.Equal(img[index:index+4], []byte{0, 0, 10, 0}) { // function_ and its zero
			index++
		}
		for _, damage := range []struct {
			name string
			at   int
		}{{"a token", at + 1}, {"the index of a token", index + 20}, {"a length in the names", bytes.Index(img, []byte("t\x000\x01")) - 1}} {
			bad := bytes.Clone(img)
			bad[damage.at] ^= 1
			if got, err := Find(bad); err == nil {
				t.Errorf("%s: %s is damaged, but %d symbols are found", o.name, damage.name, len(got.Symbols))
			}
		}
	}
}

func TestNone(t *testing.T) {
	for _, img := range [][]byte{nil, make([]byte, 1<<20), []byte(digits), bytes.Repeat([]byte(digits), 1000)} {
		if got, err := Find(img); err == nil {
			t.Errorf("%d symbols in %d bytes without a table", len(got.Symbols), len(img))
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, o := range layouts {
		f.Add(encode(symbols(20), o, 16))
	}
	f.Fuzz(func(t *testing.T, img []byte) {
		got, err := Find(img)
		if err != nil {
			return
		}
		if got.Start < 0 || got.End > len(img) || got.BaseField > len(img)-8 {
			t.Errorf("the table is from %d to %d with its base at %d in %d bytes", got.Start, got.End, got.BaseField, len(img))
		}
		for _, s := range got.Symbols {
			if s.Name == "" {
				t.Error("a symbol has no name")
			}
		}
	})
}
