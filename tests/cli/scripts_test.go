// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"os"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/elfdump"
	"github.com/rules-hyp/rules_hyp/tests/program"
)

// scriptFiles are scripts that are used together, and an object for them.
var scriptFiles = map[string]string{
	"a.s": ".text\nf: nop\n.section .text.hot,\"ax\"\nh: nop\n.data\nd: .quad f\n.section .rodata,\"a\"\nr: .long 3\n.section .late,\"a\"\nl: .quad d\n",

	"text.lds":            "SECTIONS { .hyp.text 0 : { start = .; *(.text) INCLUDE hot.lds end = .; } }\n",
	"include/hot.lds":     "*(.text.hot)\nBYTE(7)\n",
	"include/data.lds":    "size = SIZEOF(.hyp.text);\nSECTIONS { INCLUDE include/rest.lds .hyp.bss 0 : { *(.bss) } }\n",
	"include/rest.lds":    ".hyp.data 0 : { *(.data) } =0x90909090\n.hyp.rodata 0 : ALIGN(16) { *(.rodata .rodata.*) }\n",
	"first.lds":           "SECTIONS { .hyp.rodata 0 : { *(.rodata) } }\n",
	"second.lds":          "SECTIONS { .hyp.text 0 : { *(.text .text.*) *(.rodata) } .hyp.data 0 : { *(.data) } }\n",
	"symbols.lds":         "size = SIZEOF(.hyp.text); INCLUDE \"include/hot name\"\n",
	"include/hot name":    "more = size + 4;\n",
	"level0":              "INCLUDE level1\n",
	"level1":              "INCLUDE level2\n",
	"level2":              "INCLUDE level3\n",
	"level3":              "INCLUDE level4\n",
	"level4":              "INCLUDE level5\n",
	"level5":              "INCLUDE level6\n",
	"level6":              "INCLUDE level7\n",
	"level7":              "INCLUDE level8\n",
	"level8":              "INCLUDE include/rest9\n",
	"include/rest9":       "SECTIONS { .hyp.text 0 : { *(.text*) } }\n",
	"too-deep":            "INCLUDE level0\n",
	"nowhere.lds":         "INCLUDE nothing.lds\n",
	"unfinished.lds":      "SECTIONS { INCLUDE include/open.lds }\n",
	"include/open.lds":    ".hyp.text : {\n",
	"include/beside.lds":  "INCLUDE hot.lds\n",
	"twice/hot.lds":       "*(.text.hot)\n",
	"include/sub/hot.lds": "*(.text.hot)\n",
}

func scriptInputs(t *testing.T) string {
	t.Helper()
	dir := inputs(t)
	for _, d := range []string{"include/sub", "twice"} {
		if err := os.MkdirAll(dir+"/"+d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range scriptFiles {
		write(t, dir+"/"+name, []byte(text))
	}
	compile(t, dir, "GCC", "-c", "a.s", "-o", "a.o")
	return dir
}

// Several scripts and INCLUDE mean what they mean to GNU ld, and what GNU ld rejects
// is rejected.
func TestScriptsAsGNU(t *testing.T) {
	dir := scriptInputs(t)
	compared := 0
	for _, test := range []struct {
		args    string
		refused bool
	}{
		{args: "-L include -T text.lds"},
		{args: "-Linclude -T text.lds -T include/data.lds"},
		{args: "-L twice -L include -T text.lds -T data.lds"}, // both from directories of -L, the first that has it
		{args: "-L include -T include/data.lds -T text.lds"},
		{args: "-T first.lds -T second.lds"}, // the first pattern wins, not the later script
		{args: "-T second.lds -T first.lds"},
		{args: "-T second.lds -T symbols.lds"},
		{args: "-T symbols.lds -T second.lds"},
		{args: "-T level0"},
		{args: "-T too-deep", refused: true},
		{args: "-T nowhere.lds", refused: true},
		{args: "-T text.lds", refused: true},           // hot.lds is in no directory of -L
		{args: "-T include/beside.lds", refused: true}, // nor is the including file's directory searched
		{args: "-T unfinished.lds", refused: true},
	} {
		var dumps [2]*elfdump.Object
		for i, variable := range []string{"LD", "HYPLINK"} {
			args := strings.Fields("-r " + test.args + " -o out/hyp.o a.o")
			if variable == "HYPLINK" {
				args = append([]string{"ld"}, args...)
			}
			if r := program.Run(t, dir, program.File(t, variable), args...); (r.Code != 0) != test.refused {
				t.Fatalf("%s %s: exit code %d: %s", variable, test.args, r.Code, r.Stderr)
			}
			if test.refused {
				continue
			}
			var err error
			if dumps[i], err = elfdump.Read([]string{program.File(t, "READELF")}, dir+"/out/hyp.o"); err != nil {
				t.Fatal(err)
			}
		}
		if test.refused {
			continue
		}
		compared++
		diff, _ := elfdump.Diff(dumps[0], dumps[1], nil)
		for _, line := range diff {
			t.Errorf("%s: %s", test.args, line)
		}
	}
	if compared != 9 {
		t.Errorf("compared %d links, want 9", compared)
	}
}

// `link`, `object` and `check` take several scripts too, and find what these include
// among the files of --script-input alone.
func TestScriptInputs(t *testing.T) {
	dir := scriptInputs(t)
	const scripts = "--script=text.lds --script=include/data.lds"
	want := "link --symbol-order=gnu " + scripts + " --script-input=include/hot.lds --script-input=include/rest.lds -o out/hyp.o a.o"
	for _, args := range []string{want, "ld -r -L include -T text.lds -T include/data.lds -o out/gnu.o a.o"} {
		if r := hyplink(t, dir, strings.Fields(args)...); r.Code != 0 || r.Stderr != "" {
			t.Fatalf("hyplink %s: exit code %d, %s", args, r.Code, r.Stderr)
		}
	}
	var objects [2]string
	for i, name := range []string{"hyp.o", "gnu.o"} {
		data, err := os.ReadFile(dir + "/out/" + name)
		if err != nil {
			t.Fatal(err)
		}
		objects[i] = string(data)
	}
	if objects[0] != objects[1] {
		t.Errorf("link and ld make different objects")
	}

	for args, want := range map[string]string{
		"link --script=text.lds -o out/x.o a.o": "text.lds:1:48: INCLUDE of `hot.lds`: no file of --script-input has this name; " +
			"give it with --script-input=FILE, or with additional_inputs of a hyp_object",
		"link --script=text.lds --script-input=include/hot.lds --script-input=twice/hot.lds -o out/x.o a.o": "text.lds:1:48: INCLUDE of `hot.lds`: " +
			"include/hot.lds and twice/hot.lds both end in this name; write more of the path",
		"link --script=text.lds --script-input=xhot.lds -o out/x.o a.o":        "text.lds:1:48: INCLUDE of `hot.lds`: no file of --script-input has this name",
		"link --script=text.lds --script-input=nothing/hot.lds -o out/x.o a.o": "text.lds:1:48: INCLUDE of `hot.lds`: nothing/hot.lds: cannot be opened: no such file or directory",
		"link --script=first.lds --script=first.lds -o out/x.o a.o": "first.lds:1:12: second description of `.hyp.rodata`, " +
			"which GNU ld makes a second section of that name; the first is at first.lds:1:12; put the contents of both into one description",
		"check --script=text.lds out/hyp.o": "text.lds:1:48: INCLUDE of `hot.lds`: no file of --script-input has this name",
	} {
		if r := hyplink(t, dir, strings.Fields(args)...); r.Code != 1 || !strings.HasPrefix(r.Stderr, want) {
			t.Errorf("hyplink %s: exit code %d, %q, want %q", args, r.Code, r.Stderr, want)
		}
	}

	// Each section must be in one of the scripts: .late is in none.
	r := hyplink(t, dir, strings.Fields("check "+scripts+" --script-input=include/hot.lds --script-input=include/rest.lds --hyp-relocations=absent out/hyp.o")...)
	for section, reported := range map[string]bool{".late": true, ".hyp.text": false, ".hyp.data": false} {
		if strings.Contains(r.Stderr, " HYP003 ") && strings.Contains(r.Stderr, "is in "+section) != reported {
			t.Errorf("the check says of %s: %s", section, r.Stderr)
		}
	}
	if r.Code != 1 || !strings.Contains(r.Stderr, "HYP003") {
		t.Errorf("the check of an object with an orphan: exit code %d, %s", r.Code, r.Stderr)
	}
}
