// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"bytes"
	"crypto/sha1"
	"debug/elf"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// The digest is that of the file, however many windows it is written in. Without
// its section there is none.
func TestDigest(t *testing.T) {
	field := &Section{Name: ".id", Type: elf.SHT_NOTE, Size: 32, Data: make([]byte, 32)}
	text := &Section{Name: ".text", Type: elf.SHT_PROGBITS, Flags: elf.SHF_ALLOC, Size: 5000, Data: bytes.Repeat([]byte{1, 2, 3, 4, 5}, 1000)}
	chunks := []Chunk{{Offset: 0, Section: text}, {Offset: 5008, Section: field}}
	for name, sections := range map[string][]*Section{
		"a section": {text, field},
		"a chunk":   {{Name: ".all", Type: elf.SHT_PROGBITS, Size: 5040, Chunks: chunks}},
	} {
		m, _ := machine.ForEmulation("aarch64elf")
		o := &Object{Name: "o", Machine: m, Digest: &Digest{Section: field, Offset: 12, New: sha1.New}}
		for _, s := range sections {
			o.AddSection(s)
		}
		file, err := sameInAllWindows(t, o)
		if err != nil {
			t.Fatal(err)
		}
		o.Digest = nil
		without, err := sameInAllWindows(t, o)
		if err != nil {
			t.Fatal(err)
		}
		at := firstDifference(file, without)
		sum := sha1.Sum(without)
		if at%4 != 0 || !bytes.Equal(file[at:at+20], sum[:]) || !bytes.Equal(file[at+20:], without[at+20:]) {
			t.Errorf("%s: at %#x is %x, want %x", name, at, file[at:at+20], sum)
		}
		o.Digest = &Digest{Section: &Section{}, New: sha1.New}
		if gone, err := o.Bytes(); err != nil || !bytes.Equal(gone, without) {
			t.Errorf("%s: without the section: %v", name, err)
		}
	}
}
