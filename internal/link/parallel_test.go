// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// manyInputs is enough for several workers, and no multiple of their number.
const manyInputs = 4*64 + 13

// callee is the function that the one of an input calls; three are defined nowhere.
func callee(i int) int { return (i*7 + 1) % (manyInputs + 3) }

// manyObject is input i of many: it has a little of everything that inputs have
// to be in order for.
func manyObject(i int) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("section .text.f%d PROGBITS AX align=4\n 00000094 %08x", i, i)
	p(" +0x0 CALL26 f%d+0\n +0x4 ABS32 weak%d+0", callee(i), i%10)
	p("section .text.inline PROGBITS AX align=4\n %08x", i)
	p("section .order PROGBITS AL align=4 order=.text.f%d\n %08x", i, i)
	p("section .debug_info PROGBITS - align=1\n 0000000000000000 00000000")
	p(" +0x0 ABS64 [.text.inline]+%d\n +0x8 ABS32 [.text.f%d]+0", i, i)
	p("section .data PROGBITS WA align=16\n %s", strings.Repeat(fmt.Sprintf("%08x", i*i), 1300))
	p("section .eh_frame PROGBITS A align=8")
	p(" 0c000000 00000000 01000000 00000000 0c000000 14000000 00000000 00000000 0c000000 24000000 00000000 00000000")
	if i%5 != 0 {
		p(" 00000000") // a terminator
	}
	p(" +0x18 PREL32 [.text.inline]+0\n +0x28 PREL32 [.text.f%d]+0", i)
	p("section .note.gnu.property NOTE A align=8\n 04000000 10000000 05000000 474e5500 000000c0 04000000 03000000 00000000")
	p("symbol [.text.f%d] LOCAL SECTION .text.f%d+0\nsymbol [.text.inline] LOCAL SECTION .text.inline+0", i, i)
	p("symbol $x LOCAL NOTYPE .text.f%d+0\nsymbol local%d LOCAL OBJECT .data+%d", i, i%9, i)
	p("symbol f%d GLOBAL FUNC .text.f%d+0 size=8", i, i)
	if n := callee(i); n != i {
		p("symbol f%d GLOBAL NOTYPE UND", n)
	}
	p("symbol weak%d %s OBJECT .data+8", i%10, map[bool]string{true: "GLOBAL", false: "WEAK"}[i/10 == i%10+3])
	p("symbol pool%d GLOBAL OBJECT COMMON+%#x size=%d", i%6, 1<<(i%7), i%50)
	p("symbol inline%d WEAK FUNC .text.inline+0 size=4\ngroup inline%d COMDAT .text.inline", i%40, i%40)
	return b.String()
}

// manyObjects reads the inputs, with more lines for some.
func manyObjects(t *testing.T, more func(i int) string) []*elfobj.Object {
	t.Helper()
	var objects []*elfobj.Object
	for i := range manyInputs {
		text := manyObject(i)
		if more != nil {
			text += more(i)
		}
		o, err := elftext.Parse(fmt.Sprintf("in%d.o", i), text)
		if err == nil {
			o, err = throughBytes(o)
		}
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	return objects
}

// onProcessors links with several numbers of processors and expects the same
// bytes or error of all.
func onProcessors(t *testing.T, objects []*elfobj.Object, opts Options) ([]byte, error) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first []byte
	var firstErr error
	for _, n := range []int{1, 2, 3, 8} {
		runtime.GOMAXPROCS(n)
		var b []byte
		out, err := Link(objects, opts)
		if err == nil {
			b, err = out.Bytes()
		}
		if n == 1 {
			first, firstErr = b, err
			continue
		}
		if fmt.Sprint(err) != fmt.Sprint(firstErr) {
			t.Fatalf("%d processors:\n%v\none:\n%v", n, err, firstErr)
		}
		if !bytes.Equal(b, first) {
			t.Fatalf("%d processors give other bytes than one", n)
		}
	}
	return first, firstErr
}

func TestManyInputs(t *testing.T) {
	objects := manyObjects(t, nil)
	script, err := ldscript.Parse("s.lds", []byte("SECTIONS { .hyp.text : { *(.text .text.*) end = .; } .hyp.data : { *(SORT(.data*)) } /DISCARD/ : { *(.order) } }"))
	if err != nil {
		t.Fatal(err)
	}
	for _, opts := range []Options{
		{Name: "out.o"},
		{Name: "out.o", Groups: GroupKeep},
		{Name: "out.o", Script: script},
		{Name: "out.o", Script: script, Groups: GroupKeep},
	} {
		b, err := onProcessors(t, objects, opts)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) < 1<<20 {
			t.Errorf("%d bytes are written by one worker", len(b))
		}
		out, err := elfobj.Parse("out.o", b)
		if err != nil {
			t.Fatal(err)
		}
		checkMany(t, out)
		if n := len(out.Groups); n != 40*int(opts.Groups) {
			t.Errorf("%d groups", n)
		}
	}
}

// checkMany looks at what one worker may get wrong as well.
func checkMany(t *testing.T, out *elfobj.Object) {
	t.Helper()
	var functions []string
	inline, order := 0, []string{}
	for i := range out.Symbols {
		switch s := &out.Symbols[i]; {
		case strings.HasPrefix(s.Name, "pool"):
			// Those of 42 inputs after each other; the largest of each.
			if s.Value != 64 || s.Size < 44 {
				t.Errorf("%s has alignment %d, size %d", s.Name, s.Value, s.Size)
			}
		case strings.HasPrefix(s.Name, "inline"):
			inline++
		case strings.HasPrefix(s.Name, "weak"):
			// Input 10*(n+3)+n has the strong one.
			var n int
			fmt.Sscanf(s.Name, "weak%d", &n)
			at := s.Value - 8
			if word := out.SectionOf(s).Contents()[at : at+4]; !bytes.Equal(word, bigEndian((10*(n+3)+n)*(10*(n+3)+n))) {
				t.Errorf("%s is at % x", s.Name, word)
			}
		case !s.IsLocal() && s.Name[0] == 'f':
			functions = append(functions, s.Name)
			order = append(order, s.Name)
		}
	}
	if inline != 40 || len(functions) != manyInputs+3 {
		t.Errorf("%d inline functions, %d functions", inline, len(functions))
	}
	if want := firstReferences(); !slices.Equal(order, want) {
		t.Errorf("order of symbols is %.100s, want %.100s", order, want)
	}
	frames := out.Section(".eh_frame")
	b := frames.Contents()
	if !bytes.Equal(b[len(b)-4:], []byte{0, 0, 0, 0}) {
		t.Error(".eh_frame ends without a terminator")
	}
	// All inputs have a CIE and a record for their function; the first 40 have
	// one for the inline function.
	if want := manyInputs*32 + 40*16 + 4; len(b) != want {
		t.Errorf(".eh_frame has %d bytes, want %d", len(b), want)
	}
}

func bigEndian(n int) []byte { return []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)} }

// firstMentions is the order in which inputs first name functions.
func firstReferences() []string {
	var names []string
	seen := map[string]bool{}
	add := func(i int) {
		if name := fmt.Sprintf("f%d", i); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for i := range manyInputs {
		add(i)
		add(callee(i))
	}
	return names
}

// TestManyErrors has errors in many inputs: they come in the order of the inputs.
func TestManyErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		more func(i int) string
		opts Options
		want string // of each error
	}{
		"defined again": {func(i int) string {
			return fmt.Sprintf("symbol again%d GLOBAL OBJECT .data+%d\n", i*5%31, i)
		}, Options{}, "is defined again; the first definition is in in"},
		"commons": {nil, Options{NoCommon: true}, "common symbol"},
		"groups":  {nil, Options{Groups: GroupError}, "section group"},
		"frames": {func(i int) string {
			return "section .eh_frame PROGBITS A align=8\n 10\n"
		}, Options{}, "frame record is cut short"},
		"references": {func(i int) string {
			return "section .ref PROGBITS A align=8\n 0000000000000000\n  +0x0 ABS64 [.text.inline]+0\n"
		}, Options{}, "belongs to a section group that another object supplies"},
		"sizes": {func(i int) string {
			text := ""
			for n := range 3 {
				text += fmt.Sprintf("section .huge%d NOBITS WA align=8 size=0xffffffffffffff00\n", n)
			}
			return text
		}, Options{}, "grows beyond 2^62 bytes"},
		"bitcode": {func(i int) string {
			return "section .gnu.lto_.lto.1 PROGBITS E align=1\n 0d00000001000000\n"
		}, Options{}, "holds a compiler's intermediate code and no machine code"},
	} {
		tt.opts.Name = "out.o"
		_, err := onProcessors(t, manyObjects(t, tt.more), tt.opts)
		lines := strings.Split(fmt.Sprint(err), "\n")
		last := -1
		for _, line := range lines {
			var n int
			if _, err := fmt.Sscanf(line, "in%d.o", &n); err != nil || n < last || !strings.Contains(line, tt.want) {
				t.Errorf("%s: after in%d.o: %s", name, last, line)
			}
			last = n
		}
		if len(lines) < manyInputs-40 {
			t.Errorf("%s: %d errors", name, len(lines))
		}
	}
}

// TestShrunkenInput cuts a file short once it is read: all workers find that out.
func TestShrunkenInput(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.o")
	o, err := elftext.Parse("in.o", "section .pad PROGBITS - align=1\n"+strings.Repeat(" 0000000000000000\n", 1<<13)+
		"section .eh_frame PROGBITS A align=8\n 0c000000 00000000 01000000 00000000\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := o.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	var objects []*elfobj.Object
	for range 4 {
		o, m, err := elfobj.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		objects = append(objects, o)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	defer func(old int) { inputsPerWorker = old }(inputsPerWorker)
	inputsPerWorker = 1
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	err = elfobj.Guard("out.o", func() error {
		_, err := Link(objects, Options{Name: "out.o"})
		return err
	})
	if e := (*elfobj.Error)(nil); !errors.As(err, &e) || e.What != "an input changed while it was read" {
		t.Errorf("error is %v", err)
	}
}

// TestReleaser goes through objects of four files. Memory that is no file's reads
// as zeros once it is given back, which shows when that happens.
func TestReleaser(t *testing.T) {
	var objects []*elfobj.Object
	var files [][]byte
	for i := range 4 {
		b, err := syscall.Mmap(-1, 0, 2<<20, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			t.Fatal(err)
		}
		defer syscall.Munmap(b)
		b[0] = 1
		files = append(files, b)
		mapped := []*fileio.Mapping{{Data: b}}
		for range i + 1 { // members of one archive
			objects = append(objects, &elfobj.Object{Mapped: mapped})
		}
		objects = append(objects, &elfobj.Object{}) // one that the linker made
	}
	var r releaser
	for _, o := range objects {
		r.at(o)
		if len(o.Mapped) > 0 && o.Mapped[0].Data[0] != 1 {
			t.Fatal("a file is given back while it is needed")
		}
	}
	r.at(nil)
	for i, b := range files {
		if b[0] != 0 {
			t.Errorf("file %d is not given back", i)
		}
	}
}
