// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"bytes"
	"debug/elf"
	"errors"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// smallWindows divides files of a few KB into many windows, and treats inputs of
// a few hundred bytes as far apart.
var smallWindows = windowSizes{window: 512, tiny: 256, reach: 1024, small: 128, scatter: 1024, large: 1024, direct: 100, concurrent: 512}

// writeWithWindows writes an object with other window sizes and a number of
// processors.
func writeWithWindows(c windowSizes, processors int, o *Object) ([]byte, error) {
	defer func(old windowSizes) { windows = old }(windows)
	windows = c
	if processors != runtime.GOMAXPROCS(0) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	}
	return o.Bytes()
}

// sameInAllWindows checks that an object is written with the same bytes in one
// window and in many, or fails in both cases. Which of several errors is returned
// depends on the windows, but not on the number of processors.
func sameInAllWindows(t testing.TB, o *Object) ([]byte, error) {
	t.Helper()
	one, err := writeWithWindows(windowSizes{window: 1 << 40, tiny: 1 << 40, reach: 1 << 40, small: 1 << 40, scatter: 1 << 40, large: 1 << 40, direct: 1 << 40, concurrent: 1 << 40}, 1, o)
	if len(one) > 1<<20 {
		return one, err // many thousand windows
	}
	many, manyErr := writeWithWindows(smallWindows, 1, o)
	if (err == nil) != (manyErr == nil) || !bytes.Equal(one, many) {
		t.Fatalf("one window: %d bytes, error %v; many: %d, %v; first difference at %#x", len(one), err, len(many), manyErr, firstDifference(one, many))
	}
	parallel, parallelErr := writeWithWindows(smallWindows, 3, o)
	if text(manyErr) != text(parallelErr) || !bytes.Equal(one, parallel) {
		t.Fatalf("one processor: %d bytes, error %v; several: %d, %v; first difference at %#x", len(one), manyErr, len(parallel), parallelErr, firstDifference(one, parallel))
	}
	return one, err
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// join combines the sections of objects by name, like a link without symbol
// resolution. The objects are treated as mapped files, in order; reversed combines
// their sections from the last object to the first.
func join(objects []*Object, reversed bool) *Object {
	first := objects[0]
	out := &Object{Name: "joined.o", Machine: first.Machine, BigEndian: first.BigEndian}
	byName := map[string]SectionIndex{}
	places := make([][]Chunk, len(objects)) // by section index; Offset is the output section
	for k, o := range objects {
		o.Mapped = []*fileio.Mapping{{Data: make([]byte, 700)}}
		out.Mapped = append(out.Mapped, o.Mapped...)
		places[k] = make([]Chunk, len(o.Sections))
	}
	for i := range objects {
		k := i
		if reversed {
			k = len(objects) - 1 - i
		}
		for n, s := range objects[k].Sections {
			if s == nil || s.IsLivepatch() { // which no link takes
				continue
			}
			to, ok := byName[s.Name]
			if !ok {
				to = out.AddSection(&Section{Name: s.Name, Type: s.Type, Flags: s.Flags &^ (elf.SHF_GROUP | elf.SHF_LINK_ORDER), Addralign: s.Addralign})
				byName[s.Name] = to
			}
			o := out.Sections[to]
			if s.HasContents() {
				o.Type = s.Type
			}
			align := min(max(s.Addralign, 1), 64)
			at := (o.Size + align - 1) &^ (align - 1)
			o.Chunks = append(o.Chunks, Chunk{Offset: at, Section: s})
			o.Size = at + s.Size
			places[k][n] = Chunk{Offset: uint64(to)}
		}
	}
	for k, o := range objects {
		m := &SymbolMap{Index: make([]uint32, len(o.Symbols)), Bias: make([]int64, len(o.Symbols)/2)}
		for i := range o.Symbols {
			s := o.Symbols[i]
			if i == 0 || s.IsDropped() {
				m.Index[i] = Discarded
				continue
			}
			if s.Section > 0 {
				s.Section = SectionIndex(places[k][s.Section].Offset)
			}
			m.Index[i] = out.AddSymbol(s)
		}
		for i := range m.Bias {
			m.Bias[i] = int64(i * k)
		}
		o.Linked = m
	}
	return out
}

// checkJoined joins copies of an object and checks that the result is written with
// the same bytes whatever the windows.
func checkJoined(t testing.TB, data []byte, copies int, reversed bool) {
	t.Helper()
	var objects []*Object
	for range copies {
		o, err := Parse("a.o", data)
		if err != nil {
			return
		}
		for _, s := range o.Sections {
			if s != nil && (s.Size > 1<<16 || s.Addralign > 1<<12) {
				return
			}
		}
		objects = append(objects, o)
	}
	b, err := sameInAllWindows(t, join(objects, reversed))
	if err != nil {
		if e := (*Error)(nil); !errors.As(err, &e) {
			t.Fatalf("error of type %T: %v", err, err)
		}
		return
	}
	if _, err := Parse("joined.o", b); err != nil {
		t.Fatalf("cannot parse the joined object: %v", err)
	}
}

// FuzzWindows joins objects with damaged tables and writes the result in one
// window and in many, by one processor and by several.
func FuzzWindows(f *testing.F) {
	f.Add(uint16(0), uint8(40), uint64(1<<40), uint8(3), false)
	f.Add(uint16(2), uint8(48), uint64(3), uint8(20), true)
	for row := range uint16(40) {
		f.Add(row, uint8(row*7), uint64(row), uint8(row), row%2 == 0)
	}
	f.Add(uint16(13), uint8('J'), uint64(16), uint8(3), false) // relocations of a live patch
	f.Fuzz(func(t *testing.T, row uint16, field uint8, value uint64, copies uint8, reversed bool) {
		o := sample(row%2 == 0)
		o.Sections[3].Size = 100 // .bss
		b := encode(t, o)
		damageField(b, row/2, field, value)
		checkJoined(t, b, 1+int(copies%40), reversed)
	})
}

// fullDisk is a file on a disk with limited space.
type fullDisk struct {
	space  int64
	writes atomic.Int64
}

func (f *fullDisk) WriteAt(b []byte, off int64) (int, error) {
	f.writes.Add(1)
	if off+int64(len(b)) > f.space {
		return 0, &os.PathError{Op: "write", Path: "out", Err: syscall.ENOSPC}
	}
	return len(b), nil
}

// TestFullDisk runs out of disk space at several points: the error is reported,
// and the workers stop.
func TestFullDisk(t *testing.T) {
	defer func(old windowSizes) { windows = old }(windows)
	windows = smallWindows
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	o := &Object{Name: "out.o", Machine: aarch64}
	o.AddSection(&Section{Name: ".data", Type: elf.SHT_PROGBITS, Size: 100000, Data: make([]byte, 100000)})
	for _, room := range []int64{0, 63, 64, 512, 50000, 100000} {
		im, err := o.layout()
		if err != nil {
			t.Fatal(err)
		}
		f := &fullDisk{space: room}
		if err := im.write(f); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("space for %d bytes: error %v", room, err)
		}
		if n := f.writes.Load(); n > room/256+10 {
			t.Errorf("space for %d bytes: %d writes", room, n)
		}
	}
}
