// SPDX-License-Identifier: Apache-2.0

package inputs

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elftext"
)

// objects are named after the symbol that they define.
var objects = map[string]string{
	"main.o":  "symbol main GLOBAL FUNC .text+0\nsymbol print GLOBAL NOTYPE UND\nsymbol maybe WEAK NOTYPE UND\n",
	"print.o": "symbol print GLOBAL FUNC .text+0\nsymbol write GLOBAL NOTYPE UND\n",
	"write.o": "symbol write GLOBAL FUNC .text+0\n",
	"maybe.o": "symbol maybe GLOBAL FUNC .text+0\n",
	"other.o": "symbol other GLOBAL FUNC .text+0\n",
}

// writeInputs writes the objects, an archive and a thin archive of all of them
// except main.o, and a damaged archive.
func writeInputs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	ar, thin := "!<arch>\n", "!<thin>\n"
	for _, name := range []string{"write.o", "other.o", "maybe.o", "print.o", "main.o"} {
		o, err := elftext.Parse(name, "section .text PROGBITS AX align=4\n  00000000\n"+objects[name])
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := o.WriteFile(path); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if name == "main.o" {
			continue
		}
		h := fmt.Sprintf("%-16s%-12d%-6d%-6d%-8o%-10d`\n", name+"/", 0, 0, 0, 0o644, len(b))
		ar += h + string(b) + strings.Repeat("\n", len(b)%2)
		thin += h
	}
	for name, data := range map[string]string{"lib.a": ar, "thin.a": thin, "bad.a": "!<arch>\n" + fmt.Sprintf("%-16s%-12d%-6d%-6d%-8o%-10d`\n", "x.o/", 0, 0, 0, 0o644, 4) + "junk"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRead(t *testing.T) {
	dir := writeInputs(t)
	for _, tt := range []struct {
		name string
		ins  []Input
		want string
	}{
		{"objects in order", []Input{{Path: "print.o"}, {Path: "main.o"}}, "print.o main.o"},
		{"members that define undefined symbols", []Input{{Path: "main.o"}, {Path: "lib.a"}}, "main.o lib.a(print.o) lib.a(write.o)"},
		{"nothing is undefined yet", []Input{{Path: "lib.a"}, {Path: "main.o"}}, "main.o"},
		{"whole", []Input{{Path: "main.o"}, {Path: "lib.a", Whole: true}}, "main.o lib.a(write.o) lib.a(other.o) lib.a(maybe.o) lib.a(print.o)"},
		{"thin", []Input{{Path: "main.o"}, {Path: "thin.a"}}, "main.o thin.a(print.o) thin.a(write.o)"},
		{"defined already", []Input{{Path: "main.o"}, {Path: "print.o"}, {Path: "write.o"}, {Path: "lib.a"}}, "main.o print.o write.o"},
	} {
		for i := range tt.ins {
			tt.ins[i].Path = filepath.Join(dir, filepath.Base(tt.ins[i].Path))
		}
		r, err := Read(tt.ins)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var names []string
		for _, o := range r.Objects {
			names = append(names, strings.TrimPrefix(o.Name, dir+"/"))
			archive, member, _ := strings.Cut(strings.TrimSuffix(o.Name, ")"), "(")
			if o.Archive != "" && o.Archive != archive || (o.Archive == "") != (member == "") || o.Member() != cmp.Or(member, archive) {
				t.Errorf("%s: %s is member %q of %q", tt.name, o.Name, o.Member(), o.Archive)
			}
		}
		if got := strings.Join(names, " "); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestReadErrors(t *testing.T) {
	dir := writeInputs(t)
	if err := os.Remove(filepath.Join(dir, "print.o")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"none.o": "none.o: cannot be opened: no such file or directory; check the path and its permissions",
		".":      ": is a directory; name the objects in it",
		"bad.a":  "bad.a(x.o): +0x0: not an ELF file; use a relocatable object from a compiler or assembler",
		"thin.a": "print.o: cannot be opened: no such file or directory; check the path and its permissions",
	} {
		_, err := Read([]Input{{Path: filepath.Join(dir, path), Whole: true}})
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
}

// An archive may have members that are no objects, as GNU ld, lld and mold have it,
// unless all of them are to be linked. What may define a symbol is not passed over.
func TestOtherMembers(t *testing.T) {
	dir := writeInputs(t)
	object, err := os.ReadFile(filepath.Join(dir, "print.o"))
	if err != nil {
		t.Fatal(err)
	}
	edit := func(at int, b ...byte) string {
		data := slices.Clone(object)
		copy(data[at:], b)
		return string(data)
	}
	for _, tt := range []struct {
		name, data string
		err        string // always
		whole      string // the error with --whole-archive
	}{
		{"text", "hello\n", "", "not an ELF file"},
		{"empty", "", "", "file is empty"},
		{"archive", "!<arch>\n", "", "an archive, not an object"},
		{"executable", edit(16, 2, 0), "", "file type is ET_EXEC"},
		{"shared-library", edit(16, 3, 0), "", "file type is ET_DYN"},
		{"shared-library-big-endian", edit(5, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3), "", "file type is ET_DYN"},
		{"bitcode", "BC\xc0\xde", "LLVM bitcode, not machine code", ""},
		{"truncated-header", string(object[:30]), "file ends inside the ELF header", ""},
		{"truncated", string(object[:100]), "is outside the file", ""},
		{"other-class", edit(4, 1), "ELF class is ELFCLASS32", ""},
		{"other-machine", edit(18, 21, 0), "unsupported machine EM_PPC64", ""},
	} {
		archive := func(names ...string) string {
			ar := "!<arch>\n"
			for _, name := range names {
				data := map[string]string{tt.name: tt.data, "print.o": string(object)}[name]
				ar += fmt.Sprintf("%-16s%-12d%-6d%-6d%-8o%-10d`\n", name+"/", 0, 0, 0, 0o644, len(data)) + data + strings.Repeat("\n", len(data)%2)
			}
			path := filepath.Join(dir, tt.name+".a")
			if err := os.WriteFile(path, []byte(ar), 0o644); err != nil {
				t.Fatal(err)
			}
			return path
		}
		if len(tt.name) > 15 {
			tt.name = tt.name[:15]
		}
		path := archive(tt.name, "print.o")
		r, err := Read([]Input{{Path: filepath.Join(dir, "main.o")}, {Path: path}})
		warning := path + "(" + tt.name + "): not a relocatable object: the member is left out; "
		switch {
		case tt.err != "":
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: got %v, want %s", tt.name, err, tt.err)
			}
			continue
		case err != nil:
			t.Errorf("%s: %v", tt.name, err)
			continue
		case len(r.Objects) != 2 || len(r.Warnings) != 1 || !strings.HasPrefix(r.Warnings[0].Error(), warning):
			t.Errorf("%s: %d objects, warnings %v", tt.name, len(r.Objects), r.Warnings)
		}
		if _, err := Read([]Input{{Path: path, Whole: true}}); err == nil || !strings.Contains(err.Error(), tt.whole) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.whole)
		}
		if _, err := Read([]Input{{Path: archive(tt.name)}}); err == nil || !strings.Contains(err.Error(), "no member of the archive is an object") {
			t.Errorf("%s alone: got %v", tt.name, err)
		}
	}
}

// TestManyFiles reads enough files for several workers. The order of the objects
// and the error do not depend on the number of processors.
func TestManyFiles(t *testing.T) {
	dir := t.TempDir()
	var ins []Input
	for i := range 300 {
		o, err := elftext.Parse("x.o", fmt.Sprintf("section .text PROGBITS AX align=4\n 00000000\nsymbol f%d GLOBAL FUNC .text+0\n", i))
		if err != nil {
			t.Fatal(err)
		}
		ins = append(ins, Input{Path: filepath.Join(dir, fmt.Sprintf("%d.o", i))})
		if err := o.WriteFile(ins[i].Path); err != nil {
			t.Fatal(err)
		}
	}
	bad := slices.Clone(ins)
	bad[70].Path, bad[71].Path, bad[200].Path = dir+"/first.o", dir+"/second.o", dir
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, n := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(n)
		r, err := Read(ins)
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range r.Objects {
			if name := o.Symbols[1].Name; name != fmt.Sprintf("f%d", i) || o.Name != ins[i].Path || len(o.Mapped) != 1 || o.Mapped[0] != r.Mapped[i] {
				t.Fatalf("object %d is %s with symbol %s", i, o.Name, name)
			}
		}
		r.ReleaseSymbols()
		for _, o := range r.Objects {
			if o.Symbols != nil {
				t.Fatal("released symbols are still referenced")
			}
		}
		if _, err := Read(bad); err == nil || !strings.Contains(err.Error(), "first.o: cannot be opened") {
			t.Errorf("%d processors: error %v", n, err)
		}
	}
}
