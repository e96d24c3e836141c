// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elftext"
)

// sample is a small finished object.
const sample = `
machine AArch64
section .hyp.text PROGBITS AX align=4
  1f2003d5 c0035fd6
section .hyp.data PROGBITS WA align=8
  00000000 00000000
  +0x0 R_AARCH64_ABS64 __p_run+0
section .hyp.reloc PROGBITS A align=1
  00000000
  +0x0 R_AARCH64_PREL32 __p___hyp_section_.hyp.data+0
symbol __p_run.c LOCAL FILE ABS
symbol __p_$x LOCAL NOTYPE .hyp.text+0x0
symbol __p_run GLOBAL FUNC .hyp.text+0x0 size=8
symbol __p_table GLOBAL OBJECT .hyp.data+0x0 size=8
symbol __p___hyp_section_.hyp.data GLOBAL NOTYPE .hyp.data+0x0
symbol __p_host GLOBAL NOTYPE UND
`

// sampleDir makes a directory with the sample as good.o, a copy as same.o, broken
// ones, and what options name; it becomes the working directory.
func sampleDir(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	object := func(name, text string) {
		o, err := elftext.Parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.WriteFile(name); err != nil {
			t.Fatal(err)
		}
	}
	object("good.o", sample)
	object("same.o", sample)
	object("nop.o", strings.Replace(sample, "1f2003d5 c003", "1f2003d4 c003", 1))
	object("plain.o", strings.Replace(sample, "__p_host", "host", 1))
	object("killer.o", sample+"section .data PROGBITS WA align=4\n  05000000\nsymbol __p_level GLOBAL OBJECT .data+0x0 size=4\n")
	object("named.o", sample+"section .bss NOBITS WA align=1 size=0\n")
	object("unwind.o", sample+"section .eh_frame PROGBITS A align=8\n  05000000\n")
	for name, text := range map[string]string{
		"list":         "host # of the host\n",
		"linked-list":  "__p_host\n",
		"bad-list":     "host and more\n",
		"lost.json":    `{"schema": 1, "allowed_undefined_files": ["list", "sub/lost"]}`,
		"policy.json":  `{"schema": 1, "symbol_prefix": "__p_", "allowed_undefined_files": ["list"], "off": [{"id": "HYP003", "symbol": "__p_level", "reason": "for the test"}]}`,
		"classes.json": `{"schema": 1, "symbol_prefix": "__p_", "prefix_classes": ["defined"], "allowed_undefined": ["host"]}`,
		"bad.json":     `{"schema": 1, "of": []}`,
		"empty.o":      "",
		"hyp.lds":      "SECTIONS { .hyp.text : { *(.text) } .hyp.data : { *(.data) } }",
		"map.json":     `{"schema": 1, "sections": [{"name": ".hyp.text", "size": 8, "inputs": [{"offset": 0, "size": 8, "file": "out/run.hyp.o", "section": ".text"}]}]}`,
	} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// identifier is in each line of standard error: that of an error, or the name of
// a finding. The usage after an error has none.
var identifier = regexp.MustCompile(`( \[E[1-9][0-9]{3}\]|: HYP[0-9]{3} .*|^usage: .*)\n$`)

// Each command line ends with a code, and says something on one of the outputs.
func TestReports(t *testing.T) {
	sampleDir(t)
	for _, c := range []struct {
		args           string
		code           int
		stdout, stderr string // parts; empty: nothing is printed
	}{
		{"check --symbol-prefix=__p_ --allowed-undefined=list good.o", 0, "", ""},
		{"check --symbol-prefix=__p_ --allowed-undefined=list --script=hyp.lds --hyp-relocations=required good.o", 0, "", ""},
		{"check --symbol-prefix=__p_ good.o", 1, "", `good.o: HYP002 undefined-symbol: symbol "__p_host" is undefined`},
		{"check --symbol-prefix=__q_ --allowed-undefined=list good.o", 1, "", "HYP004 symbol-prefix"},
		{"check --symbol-prefix=__p_ --allowed-undefined=list killer.o", 1, "", `killer.o: .data+0x0: HYP003 orphan-section: initialised variable "__p_level" (4 bytes)`},
		{"check --symbol-prefix=__p_ --allowed-undefined=list unwind.o", 1, "", "in assembly with .cfi directives, write .cfi_sections .debug_frame"},
		{"check --symbol-prefix=__p_ --allowed-undefined=list --allowed-section=.data killer.o", 0, "", ""},
		{"check --symbol-prefix=__p_ --allowed-undefined=list plain.o", 1, "", `plain.o: HYP004 symbol-prefix: symbol "host" does not start with __p_`},
		{"check --symbol-prefix=__p_ --prefix-class=defined,file --allowed-undefined=list plain.o", 0, "", ""},
		{"check --symbol-prefix=__p_ --prefix-class=global,undefined --prefix-class=local --allowed-undefined=list plain.o", 1, "", `symbol "host"`},
		{"check --policy=classes.json plain.o", 0, "", ""},
		{"check --policy=classes.json --prefix-class=all plain.o", 1, "", `symbol "host"`},
		{"check --symbol-prefix=__p_ --prefix-class=public plain.o", 2, "", `"public" is no class of symbols`},
		{"check --policy=policy.json killer.o", 0, "", ""},
		{"check --policy=policy.json good.o", 0, "", "good.o: warning: HYP003 of the policy meets no finding; remove it (for the test)"},
		{"check --policy=policy.json --symbol-prefix=__q_ killer.o", 1, "", "HYP004"},
		{"check --policy=policy.json --json killer.o", 0, `"reason": "for the test"`, ""},
		{"check --policy=policy.json --map=map.json --require-bti --json killer.o", 1, `"passed": false`, ""},
		{"check --policy=lost.json good.o", 1, "", "a hyp_object needs the file in check_policy_files"},
		{"check --policy=bad.json good.o", 1, "", `bad.json:1:`},
		{"check --policy=none.json good.o", 1, "", "none.json: cannot be opened"},
		{"check --allowed-undefined=bad-list good.o", 1, "", "bad-list:1:5:"},
		{"check --script=bad-list good.o", 1, "", "bad-list:1:"},
		{"check --map=list good.o", 1, "", "list:1:1: not a map"},
		{"check empty.o", 1, "", "empty.o: file is empty"},
		{"check none.o", 1, "", "none.o: cannot be opened"},
		{"check --hyp-relocations=maybe good.o", 2, "", "want auto, required or absent"},
		{"check", 2, "", "0 objects, want one"},
		{"check good.o same.o", 2, "", "2 objects, want one"},
		{"check --unlinked good.o same.o", 1, "", "same.o: HYP002 undefined-symbol:"},
		{"check --unlinked --allowed-undefined=linked-list good.o same.o", 0, "", ""},
		{"check --unlinked", 2, "", "no objects"},
		{"check --unlinked --json good.o", 2, "", "--json is for one object"},
		{"check --host-object=list good.o", 1, "", "list: "},
		{"check --host-object=good.o --shadow-call-stack --symbol-prefix=__p_ --allowed-undefined=list good.o", 0, "", ""},
		{"check --no-such-option good.o", 2, "", "no-such-option"},
		{"check --rules", 0, "HYP003 orphan-section: every loaded section", ""},
		{"check --help", 0, "--symbol-prefix=P", ""},

		{"compare good.o same.o", 0, "good.o and same.o are identical", ""},
		{"compare good.o nop.o", 1, "function __p_run of run.c: 1 instruction differs", ""},
		{"compare --map-a=map.json good.o nop.o", 1, "function __p_run of run.hyp.o: 1 instruction differs", ""},
		{"compare good.o named.o", 0, "good.o and named.o are equal (without meaning: empty-sections 1)", ""},
		{"compare --json good.o named.o", 0, `"empty-sections": 1`, ""},
		{"compare --strict good.o named.o", 1, "section .bss: added, 0x0 bytes", ""},
		{"compare --lines=0 good.o nop.o", 1, "2 more lines", ""},
		{"compare --json good.o nop.o", 1, `"equal": false`, ""},
		{"compare --json good.o same.o", 0, `"identical": true`, ""},
		{"compare good.o killer.o", 1, "variable __p_level: added (.data+0x0, 0x4 bytes)", ""},
		{"compare --ignore=debug,other good.o nop.o", 2, "", "--ignore=other: want some of debug, comment"},
		{"compare good.o", 2, "", "1 objects, want two"},
		{"compare good.o empty.o", 1, "", "empty.o: file is empty"},
		{"compare --map-b=list good.o same.o", 1, "", "list:1:1: not a map"},

		{"layout good.o", 0, "LOCAL NOTYPE __p_$x  (run.c)", ""},
		{"layout --map=map.json good.o", 0, "out/run.hyp.o(.text)", ""},
		{"layout --json good.o", 0, `"origin": "file-symbols"`, ""},
		{"compare --html=page.html good.o nop.o", 1, "function __p_run of run.c: 1 instruction differs", ""},
		{"compare --html=page.html good.o same.o", 0, "good.o and same.o are identical", ""},
		{"compare --html=page.html --map-b=map.json --json good.o nop.o", 1, `"equal": false`, ""},
		{"compare --html=none/page.html good.o nop.o", 1, "", "none/page.html: cannot be written"},
		{"compare --html=./nop.o good.o nop.o", 2, "", "--html=./nop.o would replace the input nop.o"},
		{"layout --html=good.o good.o", 2, "", "--html=good.o would replace the input good.o"},
		{"layout --html=map.json --map=map.json good.o", 2, "", "--html=map.json would replace the input map.json"},
		{"layout --html=page.html good.o", 0, "", ""},
		{"layout --html=page.html --json good.o", 0, `"origin": "file-symbols"`, ""},
		{"layout --html=page.html --map=map.json good.o", 0, "", ""},
		{"layout --html=none/page.html good.o", 1, "", "none/page.html: cannot be written"},
		{"layout --html=page.html empty.o", 1, "", "empty.o: file is empty"},
		{"size good.o", 0, "good.o: 20 bytes loaded; sources from FILE symbols\n", ""},
		{"size --map=map.json good.o", 0, "out/run.hyp.o\n", ""},
		{"size --base=same.o --max-growth=0 good.o", 0, "no symbol differs in size", ""},
		{"size --base=good.o --max-growth=3 killer.o", 1, "+4 (+20.0%) against good.o", "killer.o: 24 bytes loaded, 4 more than good.o; --max-growth allows 3"},
		{"size --base=good.o --max-growth=4 killer.o", 0, "__p_level  (.data)  added", ""},
		{"size --base=killer.o --max-growth=0 good.o", 0, "-4 (-16.7%) against killer.o", ""},
		{"size --markdown --base=good.o killer.o", 0, "| `__p_level` in `.data` |  | 4 | +4 |", ""},
		{"size --json --base=good.o killer.o", 0, `"base_loaded": 20`, ""},
		{"size --top=1 good.o", 0, "more symbols; --top=-1 shows all", ""},
		{"size", 2, "", "0 objects, want one"},
		{"size --json --markdown good.o", 2, "", "give one of them"},
		{"size --max-growth=1 good.o", 2, "", "give --base=OBJ"},
		{"size --base-map=map.json good.o", 2, "", "give --base=OBJ"},
		{"size --base=same.o --map=map.json good.o", 2, "", "give --map and --base-map, or neither"},
		{"size --base=same.o --max-growth=-1 good.o", 2, "", "want 0 or more"},
		{"size --base=empty.o good.o", 1, "", "empty.o: file is empty"},
		{"layout empty.o", 1, "", "empty.o: file is empty"},
		{"layout", 2, "", "0 objects, want one"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(commands, strings.Fields(c.args), &stdout, &stderr)
		if code != c.code {
			t.Errorf("%s: exit code %d, want %d\n%s", c.args, code, c.code, stderr.String())
		}
		for name, x := range map[string][2]string{"stdout": {stdout.String(), c.stdout}, "stderr": {stderr.String(), c.stderr}} {
			if got, want := x[0], x[1]; want == "" && got != "" || !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q, want %q", c.args, name, got, want)
			}
		}
		for line := range strings.Lines(stderr.String()) {
			if !identifier.MatchString(line) {
				t.Errorf("%s: %q has no identifier", c.args, line)
			}
		}
		if strings.Contains(c.args, "--json") && stdout.Len() > 0 && !json.Valid(stdout.Bytes()) {
			t.Errorf("%s: the output is no JSON", c.args)
		}
	}
}

// The stamp appears when the object passes, and at no other time.
func TestStamp(t *testing.T) {
	sampleDir(t)
	var out bytes.Buffer
	if code := run(commands, []string{"check", "--symbol-prefix=__p_", "--stamp=stamp", "good.o"}, &out, &out); code != 1 {
		t.Fatalf("exit code %d", code)
	}
	if _, err := os.Stat("stamp"); err == nil {
		t.Error("a stamp of an object that does not pass")
	}
	if code := run(commands, []string{"check", "--symbol-prefix=__p_", "--allowed-undefined=list", "--stamp=stamp", "good.o"}, &out, &out); code != 0 {
		t.Fatalf("exit code %d: %s", code, out.String())
	}
	if st, err := os.Stat("stamp"); err != nil || st.Size() != 0 {
		t.Errorf("stamp: %v", err)
	}
	if left, _ := filepath.Glob(".stamp*"); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// A link that fails leaves no map, and one that succeeds writes one that the
// other commands can read.
func TestMapOfLink(t *testing.T) {
	sampleDir(t)
	object := func(name, text string) {
		o, err := elftext.Parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.WriteFile(name); err != nil {
			t.Fatal(err)
		}
	}
	object("a.hyp.o", "section .text PROGBITS AX align=4\n  c0035fd6\nsymbol f GLOBAL FUNC .text+0x0 size=4\n")
	object("b.hyp.o", "section .text PROGBITS AX align=4\n  c0035fd6\nsymbol g GLOBAL FUNC .text+0x0 size=4\n")
	var out bytes.Buffer
	link := []string{"object", "--script=hyp.lds", "--symbol-prefix=__p_", "--map=layout.json", "-o", "out.o", "a.hyp.o", "b.hyp.o"}
	if code := run(commands, link, &out, &out); code != 0 {
		t.Fatalf("exit code %d: %s", code, out.String())
	}
	if code := run(commands, []string{"layout", "--map=layout.json", "out.o"}, &out, &out); code != 0 || !strings.Contains(out.String(), "b.hyp.o(.text)\n") {
		t.Errorf("exit code %d: %s", code, out.String())
	}
	os.Remove("layout.json")
	link[5] = "nowhere/out.o"
	if code := run(commands, link, &out, &out); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if _, err := os.Stat("layout.json"); err == nil {
		t.Error("a map of an object that was not written")
	}
}
