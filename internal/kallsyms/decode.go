// SPDX-License-Identifier: Apache-2.0

package kallsyms

import (
	"encoding/binary"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// walkRoom is how many steps the search for the names may take. Those of a table
// take one for each symbol, and what comes before a token table is rarely taken
// for a number of symbols.
const walkRoom = 1 << 27

// names is where the parts before the token table are.
type names struct {
	count int // num_syms
	field int // where that is
	start int // of the names
	end   int // of the markers and what follows them

	alignment int
}

// decode decodes the table with the given tokens.
func decode(image []byte, tok *tokenTable) (*Table, error) {
	find := findNames
	if tok.alignment == 4 {
		find = findNamesByMarkers
	}
	n, err := find(image, tok)
	if err != nil {
		return nil, err
	}
	t := &Table{BaseField: -1, Start: n.field, End: tok.end}
	offsets, err := t.findOffsets(image, n, tok)
	if err != nil {
		return nil, err
	}
	// What an offset is from: the place of the first, and four bytes more for the next.
	var from, step uint32
	if t.FromStart {
		from, step = uint32(offsets), 4
	}
	t.Symbols = make([]Symbol, n.count)
	pos, room := n.start, maxNames
	text := make([]byte, 0, maxName)
	for i := range t.Symbols {
		length, at := entry(image, pos)
		text = text[:0]
		for _, token := range image[at : at+length] {
			if text = append(text, tok.token[token]...); len(text) > maxName {
				return nil, errcode.KallsymsDamaged.Errorf("symbol %d has a name of more than %d bytes", i, maxName)
			}
		}
		if len(text) < 2 {
			return nil, errcode.KallsymsDamaged.Errorf("symbol %d has no name", i)
		}
		if room -= len(text); room < 0 {
			return nil, errcode.KallsymsDamaged.Errorf("its names are out of all proportion")
		}
		t.Symbols[i] = Symbol{Type: text[0], Name: string(text[1:]), Offset: from + binary.LittleEndian.Uint32(image[offsets+4*i:])}
		from += step
		pos = at + length
	}
	return t, nil
}

// entry returns the number of tokens of the name at pos and where they are.
func entry(image []byte, pos int) (length, at int) {
	if image[pos]&0x80 == 0 {
		return int(image[pos]), pos + 1
	}
	if pos+1 >= len(image) {
		return 0, pos + 1
	}
	return int(image[pos]&0x7f) | int(image[pos+1])<<7, pos + 2
}

// findNames finds num_syms, names and markers before a token table. It tries each
// word that may be num_syms, from the token table back.
func findNames(image []byte, tok *tokenTable) (names, error) {
	room := walkRoom
	for field := tok.start&^(wordSize-1) - wordSize; field >= 0; field -= wordSize {
		word := binary.LittleEndian.Uint64(image[field:])
		if word < minSymbols || word > maxSymbols {
			continue
		}
		count := int(word)
		// A name takes two bytes at least.
		if n := tok.start - field; n < 2*count {
			continue
		}
		n := names{count: count, field: field, start: field + wordSize, alignment: 8}
		steps, ok := n.walk(image, tok.start)
		if ok {
			return n, nil
		}
		if room -= steps; room < 0 {
			break
		}
	}
	return names{}, errcode.KallsymsDamaged.Errorf("no names before its tokens")
}

// walk reports whether names and markers are where n says, and ends where the
// token table starts.
func (n *names) walk(image []byte, limit int) (steps int, ok bool) {
	markers := make([]uint32, 0, 16)
	pos := n.start
	for i := range n.count {
		if i%tokens == 0 {
			markers = append(markers, uint32(pos-n.start))
		}
		if pos >= limit {
			return i, false
		}
		length, at := entry(image, pos)
		if length == 0 || at+length > limit {
			return i, false
		}
		pos = at + length
	}
	pos = align(pos, n.alignment)
	for _, m := range markers {
		if pos+4 > limit || binary.LittleEndian.Uint32(image[pos:]) != m {
			return n.count, false
		}
		pos += 4
	}
	n.end = align(pos, n.alignment)
	// seqs_of_names has three bytes for each symbol.
	return n.count, n.end == limit || align(n.end+3*n.count, n.alignment) == limit
}

// findNamesByMarkers finds them in a table whose parts are aligned to 4 bytes, where
// the markers end at the token table. Read backwards they become smaller down to
// the first, which is 0.
func findNamesByMarkers(image []byte, tok *tokenTable) (names, error) {
	markers := tok.start
	next := uint32(1<<31 - 1)
	for next != 0 {
		if markers -= 4; markers < 0 || tok.start%4 != 0 {
			return names{}, errcode.KallsymsDamaged.Errorf("no markers before its tokens")
		}
		m := binary.LittleEndian.Uint32(image[markers:])
		if m >= next {
			return names{}, errcode.KallsymsDamaged.Errorf("no markers before its tokens")
		}
		next = m
	}
	count := (tok.start - markers) / 4 // of markers
	last := int(binary.LittleEndian.Uint32(image[tok.start-4:]))
	room := walkRoom
	for start := markers - last&^3; start >= 4; start -= 4 {
		n := int(binary.LittleEndian.Uint32(image[start-4:]))
		// The symbols after the last marker take at most 256 times two bytes and 16,383 tokens.
		if start < markers-last-tokens*(2+0x3fff) {
			break
		}
		if n < minSymbols || n > maxSymbols || (n+tokens-1)/tokens != count {
			continue
		}
		found := names{count: n, field: start - 4, start: start, alignment: 4}
		steps, ok := found.walk(image, tok.start)
		if ok {
			return found, nil
		}
		if room -= steps; room < 0 {
			break
		}
	}
	return names{}, errcode.KallsymsDamaged.Errorf("no names before its tokens")
}

// findOffsets finds the offsets, before num_syms or after the token index.
func (t *Table) findOffsets(image []byte, n names, tok *tokenTable) (int, error) {
	size := align(4*n.count, n.alignment)
	after := align(tok.end, n.alignment)
	if n.alignment == 4 {
		if after+size > len(image) || !ascending(image[after:], n.count, uint32(after), 4) {
			return 0, errcode.KallsymsDamaged.Errorf("no ascending offsets after its tokens")
		}
		t.FromStart, t.End = true, after+size
		return after, nil
	}
	if first := n.field - wordSize - size; first >= 0 && ascending(image[first:], n.count, 0, 0) {
		t.OffsetsFirst, t.BaseField, t.Start = true, n.field-wordSize, first
		return first, nil
	}
	if after+4*n.count > len(image) || !ascending(image[after:], n.count, 0, 0) {
		return 0, errcode.KallsymsDamaged.Errorf("no ascending offsets before its names or after its tokens; only tables with 32-bit offsets can be read (CONFIG_KALLSYMS_BASE_RELATIVE)")
	}
	t.End = after + size
	// The base is a multiple of 4 KiB, or zero where a relocation fills it in. Where
	// there is none, the sequence numbers of the names follow: three bytes each, below
	// the number of symbols.
	if t.End+wordSize <= len(image) && !isSequence(image[t.End:], n.count) {
		t.BaseField = t.End
		t.End += wordSize
	}
	return after, nil
}

// ascending reports whether count offsets are in order, and not all the same. The
// first is from the address from, each other from step bytes further on.
func ascending(b []byte, count int, from, step uint32) bool {
	first := binary.LittleEndian.Uint32(b) + from
	last := first
	for i := range count {
		o := binary.LittleEndian.Uint32(b[4*i:]) + from + uint32(i)*step
		if o < last {
			return false
		}
		last = o
	}
	return last > first
}

// isSequence reports whether b starts with a permutation of the numbers below
// count, of three bytes each.
func isSequence(b []byte, count int) bool {
	if len(b) < 3*count {
		return false
	}
	seen := make([]bool, count)
	for i := range count {
		n := int(b[3*i])<<16 | int(b[3*i+1])<<8 | int(b[3*i+2])
		if n >= count || seen[n] {
			return false
		}
		seen[n] = true
	}
	return true
}
