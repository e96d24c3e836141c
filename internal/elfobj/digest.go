// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"bytes"
	"hash"
	"io"
)

// Digest describes a field of an object's file that holds a digest of the whole
// file, computed with zeros in the field, as a build ID is one.
type Digest struct {
	// Section has the field: one of the object, or of a chunk. Its Data is zero
	// there.
	Section *Section
	Offset  uint64 // of the field in Section, in bytes
	// New makes the digest, which has the size of the field.
	New func() hash.Hash
}

// file is a file whose bytes can be read again.
type file interface {
	io.ReaderAt
	io.WriterAt
}

// writeSealed writes the image, and then the digest where the object wants one.
func (im *image) writeSealed(f file) error {
	if err := im.write(f); err != nil {
		return err
	}
	d := im.obj.Digest
	if d == nil {
		return nil
	}
	off, ok := im.offset(d.Section)
	if !ok {
		return nil // the section was removed, the digest with it
	}
	h := d.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, int64(im.size))); err != nil {
		return err
	}
	_, err := f.WriteAt(h.Sum(nil), int64(off+d.Offset))
	return err
}

// offset returns where the bytes of a section, or of a section of a chunk, are in
// the file.
func (im *image) offset(wanted *Section) (uint64, bool) {
	for _, s := range im.obj.Sections {
		if s == nil {
			continue
		}
		off := im.hdrs[s.index].off
		if s == wanted {
			return off, true
		}
		for i := range s.Chunks {
			if c := &s.Chunks[i]; c.Section == wanted {
				return off + c.Offset, true
			}
		}
	}
	return 0, false
}

// ReadAt implements io.ReaderAt.
func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(m.bytes).ReadAt(p, off)
}
