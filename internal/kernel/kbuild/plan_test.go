// SPDX-License-Identifier: Apache-2.0

package kbuild

import (
	"reflect"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
)

// lines of a directory `f` with two sources and a prefix; tests replace or remove single ones.
var lines = []string{
	"gcc -c -o f/a.o f/a.c",
	"gcc -c -o f/../s.o f/../s.S",
	"gcc -E -P -o f/x.lds f/x.lds.S",
	"ld -EL -maarch64elf -z noexecstack -r -T f/x.lds f/../s.o f/a.o -o f/x.tmp.o",
	"f/gen-hyprel f/x.tmp.o > f/reloc.S",
	"gcc -c -o f/reloc.o f/reloc.S",
	"ld -r f/x.tmp.o f/reloc.o -o f/x.rel.o",
	"objcopy --prefix-symbols=__p_ f/x.rel.o f/x.o",
}

// transcript returns lines as a transcript; each pair of replace is the start of a line and its replacement.
func transcript(t *testing.T, replace ...string) *Transcript {
	t.Helper()
	made := &Transcript{Dir: "f", Release: "6.1"}
	for _, line := range lines {
		for i := 0; i < len(replace); i += 2 {
			if strings.HasPrefix(line, replace[i]) {
				line = replace[i+1]
			}
		}
		commands, err := shell.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		made.Commands = append(made.Commands, commands...)
	}
	return made
}

func TestPlan(t *testing.T) {
	plan, err := NewPlan(transcript(t))
	if err != nil {
		t.Fatal(err)
	}
	var sources []string
	for _, compile := range plan.Compiles {
		sources = append(sources, compile.Source)
	}
	if want := []string{"f/../s.S", "f/a.c"}; !reflect.DeepEqual(sources, want) {
		t.Errorf("sources: got %q, want %q, the order of the link", sources, want)
	}
	if !plan.HypRelocations || plan.SymbolPrefix != "__p_" || plan.Output != "f/x.o" || plan.Script.Source != "f/x.lds.S" {
		t.Errorf("got %+v", plan)
	}
}

// With link-time optimization, the sources are compiled to machine code.
func TestPlanWithoutLTO(t *testing.T) {
	for _, test := range []struct {
		compile, link string
		want          bool
	}{
		{"clang -flto=thin -fsplit-lto-unit -O2 -c -o f/a.o f/a.c", "ld.lld -mllvm -import-instr-limit=5 --thinlto-cache-dir=.c --lto-O2 -r", true},
		{"clang -fno-lto -flto -O2 -c -o f/a.o f/a.c", "ld.lld -plugin-opt=O2 -r", true},
		{"clang -O2 -c -o f/a.o f/a.c", "ld.lld --compress-debug-sections=zlib -r", false},
		{"gcc -flto -fno-fat-lto-objects -O2 -c -o f/a.o f/a.c", "ld -plugin liblto_plugin.so -r", true},
		{"clang -flto=thin -fno-lto -O2 -c -o f/a.o f/a.c", "ld.lld -r", false},
		{"clang -O2 -c -o f/a.o f/a.c", "ld.lld -r", false},
	} {
		made := transcript(t, "gcc -c -o f/a.o", test.compile, "ld -EL", test.link+" -T f/x.lds f/../s.o f/a.o -o f/x.tmp.o")
		plan, err := NewPlan(made)
		if err != nil {
			t.Errorf("%s: %v", test.compile, err)
			continue
		}
		if got := plan.Compiles[1].Options; plan.WithoutLTO != test.want || len(got) != 1 || got[0].String() != "-O2" {
			t.Errorf("%s: got %t, options %q; want %t, -O2", test.compile, plan.WithoutLTO, got, test.want)
		}
	}
}

func TestObjectSuffix(t *testing.T) {
	for _, test := range []struct{ objects, want string }{
		{"d/a.o d/b-x.o", ".o"},
		{"d/a.nvhe.o d/b-x.nvhe.o", ".nvhe.o"},
		{"d/a.nvhe.o d/b-x.vhe.o", ""},
		{"d/a.nvhe.o d/b-x.o", ""},
		// The EFI stub's names: one has more at its start, the other no dot after the source's name.
		{"d/a.o d/lib-b-x.o", ""},
		{"d/a-stub.o d/b-x-stub.o", ""},
		{"d/a..o d/b-x..o", ""},
		{"d/a.$x.o d/b-x.$x.o", ""},
	} {
		objects := strings.Fields(test.objects)
		plan := &Plan{Compiles: []Compile{{Source: "d/a.c", Object: objects[0]}, {Source: "d/../b-x.S", Object: objects[1]}}}
		if got := plan.ObjectSuffix(); got != test.want {
			t.Errorf("%s: got %q, want %q", test.objects, got, test.want)
		}
	}
	if got := (&Plan{}).ObjectSuffix(); got != "" {
		t.Errorf("no objects: got %q, want nothing", got)
	}
}

func TestPlanWithoutRelocations(t *testing.T) {
	plan, err := NewPlan(transcript(t,
		"f/gen-hyprel", "", "gcc -c -o f/reloc.o", "", "ld -r f/x.tmp.o", "", "objcopy", "objcopy --prefix-symbols=__p_ f/x.tmp.o f/x.o"))
	if err != nil {
		t.Fatal(err)
	}
	if plan.HypRelocations || len(plan.Compiles) != 2 {
		t.Errorf("got %+v, want no relocations and two compiles", plan)
	}
}

func TestPlanErrors(t *testing.T) {
	for _, test := range []struct {
		name    string
		replace []string
		want    string
	}{
		{"no prefix", []string{"objcopy", ""}, "no command prefixes an object"},
		{"other objcopy option", []string{"objcopy", "objcopy --strip-all f/x.rel.o f/x.o"}, "objcopy: option --strip-all"},
		{"one file to objcopy", []string{"objcopy", "objcopy --prefix-symbols=a f/x.o"}, "objcopy: got 1 files"},
		{"no script", []string{"gcc -E", ""}, "no command makes the linker script f/x.lds"},
		{"no compile", []string{"gcc -c -o f/a.o", ""}, "no command compiles f/a.o, which f/x.tmp.o is linked from"},
		{"unknown linker option", []string{"ld -EL", "ld -r --gc-sections -T f/x.lds f/a.o -o f/x.tmp.o"}, "ld: option --gc-sections"},
		{"ThinLTO", []string{"ld -EL", "ld.lld -r -o f/x.tmp.o -T f/x.lds f/a.o -mllvm"}, "ld: -mllvm without its argument"},
		{"big-endian", []string{"ld -EL", "ld -EB -maarch64elfb -r -o f/x.tmp.o -T f/x.lds f/a.o"}, "-EB is for a big-endian kernel"},
		{"unknown -z", []string{"ld -EL", "ld -r -z now -T f/x.lds f/a.o -o f/x.tmp.o"}, "ld: option -z now"},
		{"big-endian", []string{"ld -EL", "ld -EB -r -T f/x.lds f/a.o -o f/x.tmp.o"}, "ld: option -EB"},
		{"full link", []string{"ld -EL", "ld -T f/x.lds f/a.o -o f/x.tmp.o"}, "f/x.tmp.o is not a partial link"},
		{"ends at an option", []string{"ld -EL", "ld -r -o"}, "-o without its argument"},
		{"list of another object", []string{"f/gen-hyprel", "f/gen-hyprel f/a.o > f/reloc.S"}, "without a linker script or a list of gen-hyprel"},
		{"gen-hyprel without output", []string{"f/gen-hyprel", "f/gen-hyprel f/x.tmp.o"}, "want one object and a redirection"},
		{"nothing makes the link", []string{"ld -EL", ""}, "no partial link (ld -r -T …) makes f/x.tmp.o"},
		{"unknown program", []string{"gcc -E", "objtool --hacks f/a.o"}, "objtool works on the directory's files"},
		{"compile to assembly", []string{"gcc -E", "gcc -S -o f/a.s f/a.c"}, "f/a.s: made by a compiler that neither compiles"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewPlan(transcript(t, test.replace...))
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "f: ") {
				t.Errorf("got error %v, want one of directory f with %q", err, test.want)
			}
		})
	}
}

func TestLibraries(t *testing.T) {
	plan, err := Libraries(transcript(t, "objcopy", "strip f/x.o"))
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Compiles) != 3 || plan.Script.Source != "" {
		t.Errorf("got %+v, want the three compiles alone", plan)
	}
	if _, err := Libraries(&Transcript{Dir: "f"}); err == nil || !strings.Contains(err.Error(), "compiles nothing") {
		t.Errorf("got error %v, want one that says that nothing is compiled", err)
	}
}

// TestMergeStrings says in which order kbuild's linker merges strings, also after the transcript was written and read.
func TestMergeStrings(t *testing.T) {
	for _, test := range []struct {
		linker  string
		version int
		want    string
	}{
		{"aarch64-linux-gnu-ld", 0, ""},
		{"ld.lld", 0, "in-order"},
		{"ld.lld-14", 14, "lld14"},
		{"ld.lld", 16, "lld15"},
		{"/opt/llvm/bin/ld.lld", 22, "lld17"},
	} {
		made := transcript(t, "ld -EL", test.linker+" -EL -r -T f/x.lds f/a.o -o f/x.tmp.o")
		made.LLD = test.version
		read, err := ParseTranscript(made.Format())
		if err != nil {
			t.Fatal(err)
		}
		plan, err := NewPlan(read)
		if err != nil {
			t.Fatal(err)
		}
		if plan.MergeStrings != test.want || read.LLD != test.version {
			t.Errorf("%s %d: got %q of lld %d, want %q", test.linker, test.version, plan.MergeStrings, read.LLD, test.want)
		}
	}
}

// islands are lines of a directory whose objects are renamed one by one.
var islandLines = []string{
	"gcc -c -o f/a.o f/a.c",
	"gcc -c -o f/lib-b.o l/b.c",
	"gcc -c -o f/c.o f/c.c",
	"objcopy --prefix-symbols=__p_ --remove-section=.note f/a.o f/a.pi.o",
	"f/relacheck f/a.pi.o f/a.o",
	"strip --strip-debug -o f/lib-b.pi.o f/lib-b.o",
	"objcopy --prefix-symbols=__p_ --remove-section=.note --prefix-alloc-sections=.init f/lib-b.o f/lib-b.pi.o",
	"objcopy --prefix-symbols=__p_ --remove-section=.note f/c.o f/c.pi.o",
	"f/relacheck f/c.pi.o f/c.o",
}

func islandPlan(t *testing.T, from, to string) (*Plan, error) {
	t.Helper()
	made := &Transcript{Dir: "f", Release: "6.1"}
	for _, line := range islandLines {
		if line == from {
			line = to
		}
		commands, err := shell.Parse(line)
		if err != nil {
			t.Fatal(err)
		}
		made.Commands = append(made.Commands, commands...)
	}
	return NewPlan(made)
}

func TestIslands(t *testing.T) {
	plan, err := islandPlan(t, "", "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range plan.Islands {
		line := i.ObjectPrefix + "*" + i.ObjectSuffix
		for _, c := range i.Compiles {
			line += " " + c.Source
		}
		got = append(got, line)
	}
	if want := []string{"*.pi.o f/a.c f/c.c", "lib-*.pi.o l/b.c"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := (Rename{SymbolPrefix: "__p_", RemoveSections: ".note", Relative: true}); plan.Islands[0].Rename != want {
		t.Errorf("got %+v, want %+v", plan.Islands[0].Rename, want)
	}
	if want := (Rename{SymbolPrefix: "__p_", RemoveSections: ".note", AllocSectionPrefix: ".init"}); plan.Islands[1].Rename != want {
		t.Errorf("got %+v, want %+v", plan.Islands[1].Rename, want)
	}
	if len(plan.Compiles) != 3 {
		t.Errorf("got %d compiles, want those of all islands", len(plan.Compiles))
	}
}

func TestIslandErrors(t *testing.T) {
	for _, test := range []struct{ from, to, want string }{
		{islandLines[3], "objcopy --remove-section=.note f/a.o f/a.pi.o", "makes f/a.pi.o without --prefix-symbols"},
		{islandLines[3], "objcopy --prefix-symbols=__p_ -O binary f/a.o f/a.pi.o", "option -O"},
		{islandLines[3], "objcopy --prefix-symbols=__p_ f/a.o f/z.pi.o", "f/z.pi.o is made of f/a.c, whose name is not in it"},
		{islandLines[4], "f/relacheck f/a.pi.o", "relacheck: got"},
		{islandLines[5], "strip -g f/lib-b.o", "strip: got"},
	} {
		if _, err := islandPlan(t, test.from, test.to); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", test.to, err, test.want)
		}
	}
	// What a link makes is prefixed, and nothing more.
	made := transcript(t, "objcopy", "objcopy --prefix-symbols=__p_ --prefix-alloc-sections=.x f/x.rel.o f/x.o")
	if _, err := NewPlan(made); err == nil || !strings.Contains(err.Error(), "by more than --prefix-symbols") {
		t.Errorf("got error %v, want one about the section prefix", err)
	}
}

// TestModule is what kbuild does in the directory of a pKVM module at EL2: script and gen-hyprel are elsewhere in the tree.
func TestModule(t *testing.T) {
	const dir = "drivers/misc/uart/hyp"
	text := strings.ReplaceAll(`gcc -c -DMODULE -o D/uart.nvhe.o /src/D/uart.c
gcc -E -P -Uarm64 -o D/hyp.lds /src/arch/arm64/kvm/hyp/nvhe/module.lds.S
ld -EL -maarch64elf -z norelro -z noexecstack --no-warn-rwx-segments -r -T D/hyp.lds D/uart.nvhe.o -o D/kvm_nvhe.tmp.o
arch/arm64/tools/gen-hyprel D/kvm_nvhe.tmp.o > D/hyp-reloc.S
gcc -c -o D/hyp-reloc.o D/hyp-reloc.S
ld -EL -maarch64elf -r D/kvm_nvhe.tmp.o D/hyp-reloc.o -o D/kvm_nvhe.rel.o
objcopy --prefix-symbols=__kvm_nvhe_ D/kvm_nvhe.rel.o D/kvm_nvhe.o
`, "D/", dir+"/")
	made, err := FromDryRun(text, dir, "/src", "6.12")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(made)
	if err != nil {
		t.Fatal(err)
	}
	if plan.Script.Source != "arch/arm64/kvm/hyp/nvhe/module.lds.S" || !plan.HypRelocations || plan.SymbolPrefix != "__kvm_nvhe_" ||
		len(plan.Compiles) != 1 || plan.ObjectSuffix() != ".nvhe.o" || len(plan.Islands) != 0 {
		t.Errorf("got %+v", plan)
	}
}
