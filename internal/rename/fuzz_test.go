// SPDX-License-Identifier: Apache-2.0

package rename_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/rename/renametest"
)

// seeds returns the objects of the cases, each once, and for each case the
// number of its object and its options, a line each.
func seeds(f *testing.F) (objects [][]byte, which []int, options []string) {
	cases, err := renametest.Read(casesFile)
	if err != nil {
		f.Fatal(err)
	}
	var names []string
	for _, c := range cases {
		i := slices.Index(names, c.Input)
		if i < 0 {
			o, err := c.Object("testdata")
			if err != nil {
				f.Fatal(err)
			}
			b, err := renametest.Encode(o)
			if err != nil {
				f.Fatal(err)
			}
			i = len(names)
			names, objects = append(names, c.Input), append(objects, b)
		}
		which, options = append(which, i), append(options, strings.Join(c.Args, "\n"))
	}
	return objects, which, options
}

// FuzzRename applies any options to any object.
func FuzzRename(f *testing.F) {
	objects, which, options := seeds(f)
	for i := range which {
		f.Add(objects[which[i]], options[i])
	}
	f.Fuzz(renameAnything)
}

// FuzzRenameTables applies any options to objects of which single words of the
// tables are damaged: mutations that bytes alone seldom hit.
func FuzzRenameTables(f *testing.F) {
	objects, which, options := seeds(f)
	for i := range which {
		f.Add(uint8(which[i]), uint16(0), uint32(0), uint16(1), uint32(0), options[i])
		f.Add(uint8(which[i]), uint16(20*i), uint32(i), uint16(7*i), uint32(1), options[i])
	}
	f.Fuzz(func(t *testing.T, which uint8, at1 uint16, value1 uint32, at2 uint16, value2 uint32, options string) {
		b := slices.Clone(objects[int(which)%len(objects)])
		// Counted from the end of the file, where the tables are; 0 is none.
		for _, d := range [][2]uint32{{uint32(at1), value1}, {uint32(at2), value2}} {
			if off := len(b) - 4*int(d[0]); d[0] > 0 && off >= 0 {
				binary.LittleEndian.PutUint32(b[off:], d[1])
			}
		}
		renameAnything(t, b, options)
	})
}

// renameAnything renames. Whatever happens, there is an object that can be read
// back and in which no two symbols became one, or an error, and no panic.
func renameAnything(t *testing.T, object []byte, options string) {
	o, err := elfobj.Parse("fuzz.o", object)
	if err != nil {
		return
	}
	var args []string
	for a := range strings.SplitSeq(options, "\n") {
		// Options that read files are not for a fuzzer to name files with.
		if !strings.Contains(a, "syms") && !strings.Contains(a, "symbols=") && !strings.HasSuffix(a, "symbols") && !strings.Contains(a, "file") ||
			strings.Contains(a, "mapping-symbols") {
			args = append(args, a)
		}
	}
	count, twins := len(o.Symbols), hasTwins(o)
	if err := renametest.Apply(o, args); err != nil {
		return
	}
	if len(o.Symbols) != count {
		t.Fatalf("%d symbols became %d; indices are not what they were", count, len(o.Symbols))
	}
	if !twins && hasTwins(o) {
		t.Fatalf("%q made two symbols one", args)
	}
	for _, s := range o.Sections {
		if s != nil && (s.Addralign > 1<<12 || s.Size > 1<<22) {
			return // large alignments make large files, rightly
		}
	}
	b, err := renametest.Encode(o)
	if err != nil {
		var e *elfobj.Error
		if !errors.As(err, &e) {
			t.Fatalf("error of type %T: %v", err, err)
		}
		return
	}
	if _, err := elfobj.Parse("out.o", b); err != nil {
		t.Fatalf("cannot read what was written: %v", err)
	}
}

// hasTwins reports whether two symbols that other objects see have one name.
func hasTwins(o *elfobj.Object) bool {
	seen := map[string]bool{}
	for i := range o.Symbols {
		s := &o.Symbols[i]
		if i == 0 || s.IsLocal() || s.IsDropped() || s.Name == "" {
			continue
		}
		if seen[s.Name] {
			return true
		}
		seen[s.Name] = true
	}
	return false
}
