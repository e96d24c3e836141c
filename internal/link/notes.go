package link

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
)

const (
	propertySection = ".note.gnu.property"
	noteProperty    = 5 // NT_GNU_PROPERTY_TYPE_0

	// Property types (Linux Extensions to gABI; AAELF64 6.3; x86-64 psABI).
	propertyAArch64Features = 0xc0000000 // GNU_PROPERTY_AARCH64_FEATURE_1_AND
	propertyX86AndLow       = 0xc0000002 // GNU_PROPERTY_X86_UINT32_AND_LO
	propertyX86AndHigh      = 0xc0007fff
	propertyX86OrLow        = 0xc0008000 // …_OR_LO
	propertyX86OrHigh       = 0xc000ffff
	propertyX86OrAndLow     = 0xc0010000 // …_OR_AND_LO
	propertyX86OrAndHigh    = 0xc0017fff
	propertyAndLow          = 0xb0000000 // GNU_PROPERTY_UINT32_AND_LO
	propertyAndHigh         = 0xb0007fff
	propertyOrLow           = 0xb0008000
	propertyOrHigh          = 0xb000ffff
)

// property is one entry of a property note.
type property struct {
	typ   uint32
	value uint32
}

// mergeProperties merges the property notes of all inputs into one. A feature
// such as BTI holds for the output only if each input has it, so an input
// without the note, as most assembly sources give, takes it away.
func (l *linker) mergeProperties() error {
	order := binary.ByteOrder(binary.LittleEndian)
	if l.out.BigEndian {
		order = binary.BigEndian
	}
	var notes []*piece
	var errs []error
	merged := propertyMerge{}
	for _, p := range l.special.properties {
		if p.discard != kept {
			continue
		}
		props, err := p.properties(order)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		notes = append(notes, p)
		merged.add(p.in, props)
	}
	if err := errors.Join(errs...); err != nil || len(notes) == 0 {
		return err
	}
	result := merged.result(len(l.inputs))
	for i, p := range notes {
		if i > 0 || len(result) == 0 {
			p.drop(discardMerged)
			continue
		}
		p.replace(encodeProperties(result, order), nil)
	}
	return nil
}

// propertyMerge holds what inputs say of each type of property.
type propertyMerge map[uint32]*propertyValues

type propertyValues struct {
	and, or uint32
	inputs  int    // that have it
	last    *input // one of them, which may have more notes
	own     uint32 // what that says, which counts once all its notes are read
}

// add takes the properties of a note of an input.
func (m propertyMerge) add(in *input, props []property) {
	for _, pr := range props {
		v := m[pr.typ]
		if v == nil {
			v = &propertyValues{and: ^uint32(0)}
			m[pr.typ] = v
		}
		if v.last != in {
			v.count()
			v.last, v.own, v.inputs = in, 0, v.inputs+1
		}
		v.own |= pr.value
	}
}

// count merges what the last input says.
func (v *propertyValues) count() {
	if v.last != nil {
		v.and, v.or = v.and&v.own, v.or|v.own
	}
}

// result is the properties of the output of a number of inputs.
func (m propertyMerge) result(inputs int) []property {
	var merged []property
	for t, v := range m {
		v.count()
		pr := property{typ: t, value: v.or}
		switch everywhere := v.inputs == inputs; {
		case isAnd(t) && everywhere:
			pr.value = v.and
		case isAnd(t), t >= propertyX86OrAndLow && t <= propertyX86OrAndHigh && !everywhere:
			pr.value = 0
		}
		if pr.value != 0 {
			merged = append(merged, pr)
		}
	}
	slices.SortFunc(merged, func(a, b property) int { return cmp.Compare(a.typ, b.typ) })
	return merged
}

func isAnd(t uint32) bool {
	return t == propertyAArch64Features ||
		t >= propertyX86AndLow && t <= propertyX86AndHigh ||
		t >= propertyAndLow && t <= propertyAndHigh
}

// known reports whether the linker knows how to merge a property.
func known(t uint32) bool {
	return isAnd(t) ||
		t >= propertyX86OrLow && t <= propertyX86OrAndHigh ||
		t >= propertyOrLow && t <= propertyOrHigh
}

// properties decodes a property note.
func (p *piece) properties(order binary.ByteOrder) ([]property, error) {
	const damaged = "the file is damaged: build it again"
	bad := func(off int, what string, args ...any) ([]property, error) {
		return nil, p.errorAt(int64(off), damaged, what, args...)
	}
	var props []property
	for off := 0; off < len(p.data()); {
		b := p.data()[off:]
		if len(b) < 12 {
			return bad(off, "note is cut short")
		}
		namesz, descsz, typ := uint64(order.Uint32(b)), uint64(order.Uint32(b[4:])), order.Uint32(b[8:])
		nameEnd := 12 + (namesz+3)&^3
		end := (nameEnd + descsz + 7) &^ 7
		if nameEnd+descsz > uint64(len(b)) {
			return bad(off, "note of %d bytes is cut short", nameEnd+descsz)
		}
		if typ != noteProperty || string(b[12:12+namesz]) != "GNU\x00" {
			return bad(off, "not a GNU property note")
		}
		desc := b[nameEnd : nameEnd+descsz]
		for at := 0; at < len(desc); {
			d := desc[at:]
			if len(d) < 8 || uint64(order.Uint32(d[4:])) > uint64(len(d)-8) {
				return bad(off+int(nameEnd)+at, "property is cut short")
			}
			t, size := order.Uint32(d), order.Uint32(d[4:])
			if !known(t) || size != 4 {
				return nil, p.errorAt(int64(off+int(nameEnd)+at), "remove the note with objcopy -R .note.gnu.property, if nothing needs it",
					"property type %#x of %d bytes is not known, so it cannot be merged", t, size)
			}
			props = append(props, property{t, order.Uint32(d[8:])})
			at += 8 + (int(size)+7)&^7
		}
		off += int(min(end, uint64(len(b))))
	}
	return props, nil
}

// encodeProperties makes a note of properties; each value is padded to 8 bytes.
func encodeProperties(props []property, order binary.ByteOrder) []byte {
	b := make([]byte, 16+16*len(props))
	order.PutUint32(b, 4)
	order.PutUint32(b[4:], uint32(16*len(props)))
	order.PutUint32(b[8:], noteProperty)
	copy(b[12:], "GNU\x00")
	for i, pr := range props {
		e := b[16+16*i:]
		order.PutUint32(e, pr.typ)
		order.PutUint32(e[4:], 4)
		order.PutUint32(e[8:], pr.value)
	}
	return b
}
