// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// seeds returns the objects and the script of each golden case.
func seeds(f *testing.F) (objects [][2][]byte, scripts []string) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		f.Fatal("no golden files", err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		script := "SECTIONS { .hyp.text : { *(.text .text.*) } }"
		var pair [2][]byte
		n := 0
		for _, part := range strings.Split(string(b), "\n-- ")[1:] {
			name, text, _ := strings.Cut(part, " --\n")
			if strings.HasSuffix(name, ".lds") {
				script = text
			}
			if o, err := elftext.Parse(name, text); err == nil && strings.HasSuffix(name, ".o") && n < 2 {
				if encoded, err := o.Bytes(); err == nil {
					pair[n] = encoded
					n++
				}
			}
		}
		objects, scripts = append(objects, pair), append(scripts, script)
	}
	return objects, scripts
}

// severalProcessors has several workers where there is one processor.
func severalProcessors(f *testing.F) {
	old := runtime.GOMAXPROCS(4)
	f.Cleanup(func() { runtime.GOMAXPROCS(old) })
}

// FuzzLink links anything. Whatever happens, there is an object that can be
// read back or an error, and no panic.
func FuzzLink(f *testing.F) {
	objects, scripts := seeds(f)
	severalProcessors(f)
	for i := range objects {
		f.Add(objects[i][0], objects[i][1], scripts[i], uint8(i))
		f.Add(objects[i][0], objects[i][1], scripts[i], uint8(i)|0xc0)
		f.Add(objects[i][0], objects[i][1], scripts[i], uint8(i)|0x50)
	}
	f.Fuzz(linkAnything)
}

// FuzzLinkTables links objects of which single fields of the tables are damaged.
func FuzzLinkTables(f *testing.F) {
	objects, scripts := seeds(f)
	severalProcessors(f)
	for i := range objects {
		f.Add(uint8(i), uint32(64), uint64(1), uint32(200), uint64(9), uint8(0))
	}
	f.Fuzz(func(t *testing.T, which uint8, at1 uint32, value1 uint64, at2 uint32, value2 uint64, mode uint8) {
		n := int(which) % len(objects)
		a := damaged(objects[n][0], at1, value1)
		a = damaged(a, at2, value2)
		linkAnything(t, a, objects[n][1], scripts[n], mode)
	})
}

// damaged returns a copy of an object with one word set: a byte offset counts
// in words of 4 from the end of the file, where the tables are.
func damaged(b []byte, at uint32, value uint64) []byte {
	c := append([]byte(nil), b...)
	if off := len(c) - 8 - int(at%4096)*4; off >= 0 {
		binary.LittleEndian.PutUint64(c[off:], value)
	}
	return c
}

// linkAnything links two objects, with the bit 0x40 of the mode both twice. One
// worker and several must give the same bytes, or the same errors.
func linkAnything(t *testing.T, a, b []byte, script string, mode uint8) {
	inputs := [][]byte{a, b}
	if mode&0x40 != 0 {
		inputs = [][]byte{a, b, a, b}
	}
	defer func(old int) { inputsPerWorker = old }(inputsPerWorker)
	inputsPerWorker = len(inputs) + 1
	want := linkOnce(t, inputs, script, mode)
	if want == nil {
		return
	}
	inputsPerWorker = 1
	if got := linkOnce(t, inputs, script, mode); !bytes.Equal(got, want) {
		t.Fatalf("several workers give:\n%s\none worker:\n%s", show(got), show(want))
	}
}

// show is for bytes that are either an object or a text.
func show(b []byte) string {
	if o, err := elfobj.Parse("out.o", b); err == nil {
		return elftext.Format(o)
	}
	return string(b)
}

// linkOnce returns what is linked, or else the error, after the warnings; nil
// for what is not to be linked.
func linkOnce(t *testing.T, inputs [][]byte, script string, mode uint8) []byte {
	var said bytes.Buffer
	opts := Options{
		Name: "out.o", Groups: GroupMode(mode % 3), Orphans: OrphanMode(mode / 3 % 3), NoCommon: mode&0x20 != 0, Merge: MergeMode(mode / 9 % 5),
		Warn: func(s string) { said.WriteString(s) },
	}
	if mode&0x10 != 0 { // as hyplink ld
		opts.JoinFollowers, opts.OrphansOnly, opts.Symbols, opts.BuildID = true, true, OrderGNU, &BuildID{New: sha1.New}
	}
	if mode&0x80 == 0 {
		s, err := ldscript.Parse("s.lds", []byte(script))
		if err != nil {
			return nil
		}
		opts.Script = s
	}
	var objects []*elfobj.Object
	for i, data := range inputs {
		if len(data) == 0 && i > 0 {
			continue
		}
		if len(data) > 1<<20 {
			return nil // what passes for a mapped file would be released
		}
		o, err := elfobj.Parse([]string{"a.o", "b.o", "c.o", "d.o"}[i], data)
		if err != nil {
			return nil
		}
		for _, s := range o.Sections {
			if s != nil && s.Addralign > 1<<12 {
				return nil // large alignments make large files, rightly
			}
		}
		o.Mapped = []*fileio.Mapping{{Data: data}}
		opts.Mapped = append(opts.Mapped, o.Mapped...)
		objects = append(objects, o)
	}
	out, err := Link(objects, opts)
	if err != nil {
		return append(said.Bytes(), err.Error()...)
	}
	for _, s := range out.Sections {
		if s != nil && s.HasContents() && s.Size > 1<<22 {
			return nil // the script asked for it
		}
	}
	b, err := out.Bytes()
	if err != nil {
		var e *elfobj.Error
		if !errors.As(err, &e) {
			t.Fatalf("error of type %T: %v", err, err)
		}
		return append(said.Bytes(), err.Error()...)
	}
	if _, err := elfobj.Parse("out.o", b); err != nil {
		t.Fatalf("cannot read what was linked: %v", err)
	}
	return append(b, said.Bytes()...)
}
