// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"debug/elf"
	"encoding/binary"
	"hash"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// linkWithID links objects from text and returns the file and the warnings.
func linkWithID(t *testing.T, name string, id *BuildID, script string, texts ...string) ([]byte, string) {
	t.Helper()
	var warnings strings.Builder
	opts := Options{Name: name, BuildID: id, Warn: func(s string) { warnings.WriteString(s) }}
	if script != "" {
		s, err := ldscript.Parse("s.lds", []byte(script))
		if err != nil {
			t.Fatal(err)
		}
		opts.Script = s
	}
	var objects []*elfobj.Object
	for i, text := range texts {
		o, err := elftext.Parse(string(rune('a'+i))+".o", text)
		if err != nil {
			t.Fatal(err)
		}
		if o, err = throughBytes(o); err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	out, err := Link(objects, opts)
	if err != nil {
		t.Fatal(err)
	}
	inMemory, err := out.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := out.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	m, err := fileio.Map(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(m.Data, inMemory) {
		t.Errorf("%s: the file and the object in memory differ", name)
	}
	return inMemory, warnings.String()
}

// section returns a section's header of a file, or nil.
func section(t *testing.T, file []byte, name string) *elf.Section {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return f.Section(name)
}

const idText = "machine AArch64\nsection .text PROGBITS AX align=4\n  1f2003d5\nsymbol f GLOBAL FUNC .text+0\n"

// The ID is the digest of the file with zeros in its place, so it depends on each
// byte of it and on nothing else.
func TestBuildIDDigest(t *testing.T) {
	const other = "machine AArch64\nsection .note.x NOTE A align=4\n  04000000 00000000 01000000 41424300\n"
	for _, c := range []struct {
		name, script, section string
		before                int // bytes in the section before the note
		new                   func() hash.Hash
		texts                 []string
	}{
		{"sha1", "", elfobj.BuildIDSection, 0, sha1.New, []string{idText}},
		{"md5", "", elfobj.BuildIDSection, 0, md5.New, []string{idText}},
		{"in a section of the script", "SECTIONS { .notes : { *(.note.*) } }", ".notes", 0, sha1.New, []string{idText, other}},
		{"after other notes", "SECTIONS { .notes : { LONG(0) *(.note.x) *(.note.gnu.build-id) } }", ".notes", 20, sha1.New, []string{idText, other}},
		{"after the script's data", "SECTIONS { .notes : { QUAD(0) *(.note.*) } }", ".notes", 8, sha1.New, []string{idText}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, warnings := linkWithID(t, "out.o", &BuildID{New: c.new}, c.script, c.texts...)
			if warnings != "" {
				t.Error(warnings)
			}
			s := section(t, file, c.section)
			if s == nil || s.Flags != elf.SHF_ALLOC || s.Addralign != 4 {
				t.Fatalf("section %s: %+v", c.section, s)
			}
			at := int(s.Offset) + c.before
			size := c.new().Size()
			if head := "\x04\x00\x00\x00" + string(rune(size)) + "\x00\x00\x00\x03\x00\x00\x00GNU\x00"; string(file[at:at+16]) != head {
				t.Fatalf("the note begins with %q, want %q", file[at:at+16], head)
			}
			got := bytes.Clone(file[at+16 : at+16+size])
			clear(file[at+16 : at+16+size])
			h := c.new()
			h.Write(file)
			if want := h.Sum(nil); !bytes.Equal(got, want) {
				t.Errorf("ID %x, want %x", got, want)
			}
		})
	}
	a, _ := linkWithID(t, "a.o", &BuildID{New: sha1.New}, "", idText)
	b, _ := linkWithID(t, "b.o", &BuildID{New: sha1.New}, "", idText)
	if !bytes.Equal(a, b) {
		t.Error("the output depends on its name")
	}
	c, _ := linkWithID(t, "a.o", &BuildID{New: sha1.New}, "", strings.Replace(idText, "symbol f", "symbol g", 1))
	if bytes.Equal(a[0x54:0x68], c[0x54:0x68]) {
		t.Error("the ID does not depend on the symbols")
	}
}

// Without a digest, the ID is what was given. Its note is first in the first
// object, and follows one that is there.
func TestBuildIDBytes(t *testing.T) {
	given := &BuildID{Bytes: []byte{0xab, 0xcd, 0xef}}
	const note = "\x04\x00\x00\x00\x03\x00\x00\x00\x03\x00\x00\x00GNU\x00\xab\xcd\xef\x00"
	file, _ := linkWithID(t, "out.o", given, "", idText)
	if data, err := section(t, file, elfobj.BuildIDSection).Data(); err != nil || string(data) != note {
		t.Errorf("%q, %v", data, err)
	}
	const has = "section .note.gnu.build-id NOTE A align=4\n  01000000 00000000 00000000 00000000\n"
	file, _ = linkWithID(t, "out.o", given, "", idText+has, idText[:strings.Index(idText, "symbol")]+strings.Replace(has, "0100", "0200", 1))
	if data, _ := section(t, file, elfobj.BuildIDSection).Data(); len(data) != 52 || data[0] != 1 || string(data[16:36]) != note || data[36] != 2 {
		t.Errorf("notes of the inputs: %q", data)
	}
	file, _ = linkWithID(t, "out.o", given, "", strings.Replace(idText, "machine AArch64", "machine AArch64 big", 1))
	if data, _ := section(t, file, elfobj.BuildIDSection).Data(); binary.BigEndian.Uint32(data[4:]) != 3 {
		t.Errorf("big-endian: %q", data)
	}
}

// A script that discards the note is warned about, which --fatal-warnings makes an
// error.
func TestBuildIDDiscarded(t *testing.T) {
	const script = "SECTIONS { .text : { *(.text) } /DISCARD/ : { *(.note.*) } }"
	file, warnings := linkWithID(t, "out.o", &BuildID{New: sha1.New}, script, idText)
	if section(t, file, elfobj.BuildIDSection) != nil || warnings != "warning: out.o: .note.gnu.build-id: the script discards the build ID; give the note an output section, or link with --build-id=none [E3303]" {
		t.Errorf("warnings: %s", warnings)
	}
	without, _ := linkWithID(t, "out.o", nil, script, idText)
	if !bytes.Equal(file, without) {
		t.Error("a note that is discarded changes the output")
	}
	s, err := ldscript.Parse("s.lds", []byte(script))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Link([]*elfobj.Object{objectOf(t, "a.o", idText)}, Options{Name: "out.o", BuildID: &BuildID{New: sha1.New}, Script: s, FatalWarnings: true})
	if err == nil || !strings.Contains(err.Error(), "not written because there were warnings") {
		t.Errorf("fatal warnings: %v", err)
	}
}
