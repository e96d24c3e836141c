// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"debug/elf"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Attributes links objects that claim features, as build attributes, as a property note or not at all, with lld and with hyplink, and returns the
// property notes of the two. Only lld 22 and later know build attributes, and clang 22 assembles them.
func (t *Tools) Attributes(seed uint64, dir string) (want, got []byte, err error) {
	r := rand.New(rand.NewPCG(seed, 0x61656162))
	var objects []string
	for i := range 1 + r.IntN(3) {
		name := fmt.Sprintf("features%d", i)
		if err := os.WriteFile(filepath.Join(dir, name+".s"), []byte(features(r)), 0o666); err != nil {
			return nil, nil, err
		}
		if err := run(dir, t.Clang, "-c", "-o", name+".o", name+".s"); err != nil {
			return nil, nil, err
		}
		objects = append(objects, name+".o")
	}
	if err := run(dir, t.Hyplink, append([]string{"link", "-o", "hyp.o"}, objects...)...); err != nil {
		return nil, nil, err
	}
	if err := run(dir, t.Lld, append([]string{"-r", "-o", "lld.o"}, objects...)...); err != nil {
		return nil, nil, err
	}
	if want, err = note(filepath.Join(dir, "lld.o")); err != nil {
		return nil, nil, err
	}
	got, err = note(filepath.Join(dir, "hyp.o"))
	return want, got, err
}

// features returns a source that claims features: most claim all, so that some are left.
func features(r *rand.Rand) string {
	bits := 7 &^ (1 << r.IntN(4))
	if r.IntN(4) == 0 {
		bits = r.IntN(8)
	}
	switch r.IntN(6) {
	case 0:
		return "\t.text\n\tnop\n"
	case 1, 2:
		return fmt.Sprintf("\t.text\n\tnop\n\t.section .note.gnu.property, \"a\", %%note\n\t.balign 8\n\t.word 4, 16, 5\n\t.asciz \"GNU\"\n\t.word 0xc0000000, 4, %d, 0\n", bits)
	}
	var b strings.Builder
	b.WriteString("\t.text\n\tnop\n\t.aeabi_subsection aeabi_feature_and_bits, optional, uleb128\n")
	for tag := range 3 {
		fmt.Fprintf(&b, "\t.aeabi_attribute %d, %d\n", tag, bits>>tag&1)
	}
	return b.String()
}

// note returns the property note of an object, or nil.
func note(path string) ([]byte, error) {
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := f.Section(".note.gnu.property")
	if s == nil {
		return nil, nil
	}
	return s.Data()
}
