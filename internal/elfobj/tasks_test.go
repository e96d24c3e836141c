// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"bytes"
	"debug/elf"
	"math"
	"slices"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// mappedInputs makes n objects, each in a pretended file of 1 MiB, with one
// section and relocations for it.
func mappedInputs(n int, size uint64, relocs int) ([]*Object, []*fileio.Mapping) {
	shared := make([]byte, 1<<20)
	var objects []*Object
	var files []*fileio.Mapping
	for range n {
		files = append(files, &fileio.Mapping{Data: shared})
		o := &Object{Name: "in.o", Machine: aarch64, Mapped: files[len(files)-1:]}
		o.AddSection(&Section{Name: ".s", Type: elf.SHT_PROGBITS, Size: size, Data: shared[:min(size, 1<<20)], Relocs: make([]byte, relocs*relaSize)})
		objects = append(objects, o)
	}
	return objects, files
}

// concat adds an output section with the first section of each object.
func concat(o *Object, name string, objects []*Object) *Section {
	s := &Section{Name: name, Type: elf.SHT_PROGBITS}
	for _, in := range objects {
		s.Chunks = append(s.Chunks, Chunk{Offset: s.Size, Section: in.Sections[1]})
		s.Size += in.Sections[1].Size
	}
	o.AddSection(s)
	return s
}

// TestTasks divides an object of many inputs into windows and checks that these
// cover all of it, in the order of the inputs, with scattered windows last.
func TestTasks(t *testing.T) {
	const n = 1000
	large, files := mappedInputs(n, 50000, 300)
	o := &Object{Name: "out.o", Machine: aarch64, Mapped: files}
	dense, tiny := concat(o, ".dense", large), &Section{}
	for i := range 3 {
		few, _ := mappedInputs(n, 100, i%2)
		for k := range few {
			few[k].Mapped = files[k : k+1]
		}
		tiny = concat(o, []string{".tiny", ".relocated", ".ragged"}[i], few)
	}
	tiny.Chunks = append(tiny.Chunks, Chunk{Offset: tiny.Size, Section: &Section{Size: 5 << 20}}) // made by the linker
	tiny.Size += 5 << 20
	own := &Section{Name: ".own", Type: elf.SHT_PROGBITS, Size: 3 << 20, Data: []byte{1}}
	o.AddSection(own)
	o.AddSection(&Section{Name: ".far", Type: elf.SHT_PROGBITS, Size: 100, Addralign: 1 << 22})
	im, err := o.layout()
	if err != nil {
		t.Fatal(err)
	}
	tasks := im.tasks()
	covered := make([]uint64, len(im.extents))
	seen := map[*Section]bool{}
	input := uint64(0)
	for i := range tasks {
		task := &tasks[i]
		if task.input < input {
			t.Errorf("task %d starts at input offset %#x, a task before it at %#x", i, task.input, input)
		}
		input = task.input
		most := windows.window + shdrSize
		if task.scattered {
			most = windows.large + shdrSize
		}
		if task.size == 0 || task.size > most {
			t.Errorf("task %d has %d bytes", i, task.size)
		}
		for k := task.first; k <= task.last; k++ {
			e, part, from := im.part(task, make([]byte, task.size), k)
			covered[k] += uint64(len(part))
			// Windows are whole pages of the file, even where that splits a relocation.
			if from > 0 && (e.off+from)%windows.window != 0 && e.section.Name != ".ragged" { // whose inputs are far apart
				t.Errorf("task %d splits extent %d at %d, offset %#x of the file", i, k, from, e.off+from)
			}
			if task.scattered {
				seen[e.section] = seen[e.section] || e.kind == contents
				continue
			}
			if first, last := inputsOf(e, from, uint64(len(part))); last > first+windows.reach && uint64(len(part)) > windows.small {
				t.Errorf("task %d needs inputs from %#x to %#x for %d bytes of %s", i, first, last, len(part), e.section.Name)
			}
		}
	}
	for k := range im.extents {
		if e := &im.extents[k]; covered[k] != e.size {
			t.Errorf("extent %d: %d of %d bytes are written", k, covered[k], e.size)
		}
	}
	for _, s := range o.Sections[1:] {
		if want := s.Name == ".tiny" || s.Name == ".relocated"; seen[s] != want {
			t.Errorf("%s is scattered: %v", s.Name, seen[s])
		}
	}
	if len(tasks) < int(dense.Size/windows.window) {
		t.Errorf("%d tasks", len(tasks))
	}
}

// TestBatches has many sections with a little of each input between sections that
// have not: the inputs must not be read once for each.
func TestBatches(t *testing.T) {
	const n, sections = 1000, 50
	inputs, files := mappedInputs(n, 100, 0)
	o := &Object{Name: "out.o", Machine: aarch64, Mapped: files}
	for range sections {
		concat(o, ".tiny", inputs)
		o.AddSection(&Section{Name: ".own", Type: elf.SHT_PROGBITS, Size: 100})
	}
	im, err := o.layout()
	if err != nil {
		t.Fatal(err)
	}
	tasks, scattered := 0, 0
	for _, b := range batches(im.tasks()) {
		size := uint64(0)
		for i := range b {
			size += b[i].size
			if b[i].scattered != (len(b) > 1) {
				t.Errorf("a batch of %d tasks, one of which is scattered: %v", len(b), b[i].scattered)
			}
		}
		if tasks += len(b); len(b) > 1 {
			scattered++
		}
		if size > windows.large {
			t.Errorf("a batch of %d bytes", size)
		}
	}
	if scattered != 1 || tasks != len(im.tasks()) {
		t.Errorf("%d batches of scattered tasks, %d of %d tasks", scattered, tasks, len(im.tasks()))
	}
}

// inputsOf returns the offsets of the first and the last input that a part of an
// extent needs.
func inputsOf(e *extent, from, n uint64) (first, last uint64) {
	if e.kind != contents || len(e.section.Chunks) == 0 {
		return 0, 0
	}
	first = math.MaxUint64
	for _, c := range e.section.Chunks {
		if in := c.input(); in != math.MaxUint64 && c.Offset < from+n && c.end() > from {
			first, last = min(first, in), max(last, in)
		}
	}
	return first, last
}

// TestScattered writes a section with a few bytes and a relocation from each of
// many files, in the order of the files and in other orders.
func TestScattered(t *testing.T) {
	defer func(old windowSizes) { windows = old }(windows)
	windows = smallWindows
	for _, swap := range []int{0, 7, 127} {
		const n = 384
		o := &Object{Name: "out.o", Machine: aarch64}
		inputs := make([]*Section, n)
		for i := range n {
			in := &Object{Name: "in.o", Machine: aarch64, Mapped: []*fileio.Mapping{{Data: make([]byte, 3000)}}, Linked: &SymbolMap{Index: []uint32{0, uint32(i + 1)}}}
			inputs[i] = &Section{Size: 8, Data: []byte{byte(i), byte(i >> 8), 3, 4, 5, 6, 7, 8}}
			inputs[i].Relocs = EncodeRelocs([]Reloc{{Offset: 2, Type: 258, Symbol: 1, Addend: int64(i)}}, false)
			in.AddSection(inputs[i])
			o.Mapped = append(o.Mapped, in.Mapped...)
			o.AddSymbol(Symbol{Name: "s", Section: Absolute, Value: uint64(i), Info: SymInfo(elf.STB_LOCAL, elf.STT_NOTYPE)})
		}
		s := &Section{Name: ".s", Type: elf.SHT_PROGBITS}
		for i := range n {
			s.Chunks = append(s.Chunks, Chunk{Offset: uint64(i) * 12, Section: inputs[i^swap]})
			s.Size = uint64(i)*12 + 8
		}
		o.AddSection(s)
		im, err := o.layout()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(im.tasks(), func(t task) bool { return t.scattered }) {
			t.Error("nothing is scattered")
		}
		got, err := Parse("out.o", encode(t, o))
		if err != nil {
			t.Fatal(err)
		}
		b := got.Sections[1].Contents()
		for r, err := range got.Relocations(got.Sections[1]) {
			k := int(r.Offset) / 12
			i := k ^ swap
			if want := (Reloc{Offset: uint64(k)*12 + 2, Type: 258, Symbol: uint32(i + 1), Addend: int64(i)}); err != nil || r != want {
				t.Fatalf("relocation is %+v, %v; want %+v", r, err, want)
			}
			want := []byte{byte(i), byte(i >> 8), 3, 4, 5, 6, 7, 8, 0, 0, 0, 0}
			if end := min(len(b), k*12+12); !bytes.Equal(b[k*12:end], want[:end-k*12]) {
				t.Fatalf("input %d is % x, want % x", i, b[k*12:end], want)
			}
		}
		if c := got.Sections[1].RelocCount(); c != n {
			t.Errorf("%d relocations", c)
		}
	}
}
