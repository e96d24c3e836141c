// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"encoding/binary"
	"hash"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// BuildID is what the note of a build ID says.
type BuildID struct {
	// Bytes are the ID. With New they are the digest of the output's file, which
	// the writer computes, and not used.
	Bytes []byte
	New   func() hash.Hash
}

// The note of a build ID: lengths of name and descriptor, type, name (gABI, "Note
// Section"). The descriptor is the ID.
const (
	noteBuildID   = 3 // NT_GNU_BUILD_ID
	noteOwner     = "GNU\x00"
	buildIDOffset = 12 + len(noteOwner) // of the ID in the note
	noteAlign     = 4
)

// addBuildID gives the first object a section with the note. Where it goes is for
// the script to say, as for any other section. GNU ld does the same.
func (l *linker) addBuildID(objects []*elfobj.Object) error {
	id := l.opts.BuildID
	if id == nil || len(objects) == 0 {
		return nil
	}
	size := len(id.Bytes)
	if id.New != nil {
		size = id.New().Size()
	}
	first := objects[0]
	var order binary.ByteOrder = binary.LittleEndian
	if first.BigEndian {
		order = binary.BigEndian
	}
	note := make([]byte, (buildIDOffset+size+noteAlign-1)&^(noteAlign-1))
	order.PutUint32(note, uint32(len(noteOwner)))
	order.PutUint32(note[4:], uint32(size))
	order.PutUint32(note[8:], noteBuildID)
	copy(note[12:], noteOwner)
	if id.New == nil {
		copy(note[buildIDOffset:], id.Bytes)
	}
	l.buildID = first.AddSection(&elfobj.Section{
		Name: elfobj.BuildIDSection, Type: elf.SHT_NOTE, Flags: elf.SHF_ALLOC,
		Addralign: noteAlign, Size: uint64(len(note)), Data: note,
	})
	return nil
}

// digestBuildID leaves the ID to the writer, once it is known that the output has
// the note.
func (l *linker) digestBuildID() error {
	if l.buildID == 0 {
		return nil
	}
	note := &l.inputs[0].sections[l.buildID]
	switch {
	case note.out == nil:
		l.warn(&elfobj.Error{
			Code: errcode.BuildIDDiscarded, File: l.opts.Name, Section: elfobj.BuildIDSection, Offset: -1, What: "the script discards the build ID",
			Advice: "give the note an output section, or link with --build-id=none",
		})
	case l.opts.BuildID.New != nil:
		l.out.Digest = &elfobj.Digest{Section: note.sec, Offset: uint64(buildIDOffset), New: l.opts.BuildID.New}
	}
	return nil
}
