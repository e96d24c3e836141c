package elfobj

// Layout of a property note: a header of three words (gABI, "Note Section"), the
// name "GNU", and properties, each with a type, a size and as many bytes. Each
// property and each note is padded to a multiple of 8 bytes.
const (
	noteHeader     = 12
	noteName       = "GNU\x00"
	noteProperty   = 5 // NT_GNU_PROPERTY_TYPE_0
	propertyHeader = 8
	propertyAlign  = 8
)

// Property is an entry of a GNU property note.
type Property struct {
	Type, Size uint32
	Value      uint32 // if Size is 4
	Offset     int64  // in bytes, from the start of the section
}

// Properties returns the properties of all notes in a section, in order. The
// section must not have other notes.
func (o *Object) Properties(s *Section) ([]Property, error) {
	ord, data := byteOrder(o.BigEndian), s.Contents()
	bad := func(off uint64, format string, args ...any) ([]Property, error) {
		return nil, o.errorAt(s.Name, int64(off), Damaged, format, args...)
	}
	var props []Property
	size := uint64(len(data))
	for off := uint64(0); off < size; {
		if size-off < noteHeader {
			return bad(off, "note is cut short")
		}
		header := data[off:]
		namesz, descsz := uint64(ord.Uint32(header)), uint64(ord.Uint32(header[4:]))
		at := off + noteHeader + roundUp(namesz, 4)
		end := at + descsz
		if end > size {
			return bad(off, "note of %d bytes is cut short", end-off)
		}
		if ord.Uint32(header[8:]) != noteProperty || string(header[noteHeader:noteHeader+namesz]) != noteName {
			return bad(off, "not a GNU property note")
		}
		for at < end {
			if end-at < propertyHeader {
				return bad(at, "property is cut short")
			}
			p := Property{Type: ord.Uint32(data[at:]), Size: ord.Uint32(data[at+4:]), Offset: int64(at)}
			if uint64(p.Size) > end-at-propertyHeader {
				return bad(at, "property is cut short")
			}
			if p.Size == 4 {
				p.Value = ord.Uint32(data[at+propertyHeader:])
			}
			props = append(props, p)
			at += propertyHeader + roundUp(uint64(p.Size), propertyAlign)
		}
		off += roundUp(end-off, propertyAlign)
	}
	return props, nil
}

func roundUp(n, align uint64) uint64 { return (n + align - 1) &^ (align - 1) }

// EncodeProperties returns a note with properties, each with a value of 4 bytes.
func EncodeProperties(props []Property, bigEndian bool) []byte {
	const start, each = noteHeader + len(noteName), propertyHeader + propertyAlign
	ord := byteOrder(bigEndian)
	b := make([]byte, start+each*len(props))
	ord.PutUint32(b, uint32(len(noteName)))
	ord.PutUint32(b[4:], uint32(each*len(props)))
	ord.PutUint32(b[8:], noteProperty)
	copy(b[noteHeader:], noteName)
	for i, p := range props {
		e := b[start+each*i:]
		ord.PutUint32(e, p.Type)
		ord.PutUint32(e[4:], 4)
		ord.PutUint32(e[propertyHeader:], p.Value)
	}
	return b
}
