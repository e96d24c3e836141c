// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rules-hyp/rules_hyp/internal/elftext"
)

// plainName is in all files of namesDir, and replaced in them by another name.
const plainName = "NAME"

// namedObjects are objects with which commands have something to say about their
// names.
var namedObjects = map[string]string{
	"a": `
section .code.NAME PROGBITS AX align=4
  1f2003d5 c0035fd6 00000094
  +0x8 R_AARCH64_CALL26 NAME-undefined+0
section .data.NAME PROGBITS WA align=8
  00000000 00000000 00000000 00000000
  +0x0 R_AARCH64_ABS64 NAME+0
  +0x8 R_AARCH64_TLSDESC_ADR_PAGE21 NAME+0
section .sframe.NAME PROGBITS A align=8
  00000000
symbol NAME.c LOCAL FILE ABS
symbol NAME-local LOCAL NOTYPE .code.NAME+0x0
symbol NAME GLOBAL FUNC .code.NAME+0x0 size=8
symbol NAME-object GLOBAL OBJECT .data.NAME+0x0 size=8
symbol NAME-undefined GLOBAL NOTYPE UND
symbol NAME-common GLOBAL OBJECT COMMON+0x8 size=8
`,
	"b": `
section .code.NAME PROGBITS AX align=4
  1f2003d4 c0035fd6
section .rodata.NAME PROGBITS A align=4
  00000000
symbol NAME2.c LOCAL FILE ABS
symbol NAME GLOBAL FUNC .code.NAME+0x0 size=4
symbol NAME-new GLOBAL FUNC .code.NAME+0x4 size=4
symbol NAME-object GLOBAL NOTYPE ABS+0x7
`,
	"group": `
section .code.NAME PROGBITS AXG align=4
  1f2003d5
section .text PROGBITS AX align=4
  00000094
  +0x0 R_AARCH64_CALL26 NAME-member+0
symbol NAME-member LOCAL FUNC .code.NAME+0x0 size=4
symbol NAME-sig GLOBAL FUNC .code.NAME+0x0 size=4
group NAME-sig COMDAT .code.NAME
`,
	"hyp": `
section .hyp.text PROGBITS AX align=4
  00000000 00000000
  +0x0 R_AARCH64_TLSDESC_ADR_PAGE21 NAME+0
symbol NAME GLOBAL NOTYPE UND
`,
}

// namedFiles are the other files; a JSON file holds the name in JSON's form.
var namedFiles = map[string]string{
	"discard.lds":  `SECTIONS { /DISCARD/ : { *(.code.*) } .hyp.data : { *(.data*) } }`,
	"assert.lds":   `SECTIONS { .x : { *(.*) } } ASSERT(0, "NAME")`,
	"symbol.lds":   `SECTIONS { .x : { *(.*) } "NAME" = nothing; "NAME" += 1; }`,
	"NAME.lds":     "SECTIONS { NAME",
	"list":         "NAME NAME NAME\nNAME NAME\n",
	"syms":         "NAME NAME\nNAME one\nNAME two\nx NAME-object\n",
	"policy.json":  `{"schema": 1, "off": [{"id": "HYP003", "symbol": "none", "reason": JSON}, {"id": "HYP001", "section": "none", "reason": JSON}]}`,
	"bad1.json":    `{"schema": 1, JSON: 1}`,
	"bad2.json":    `{"schema": 1, "off": [{"id": JSON, "reason": "x"}]}`,
	"bad3.json":    `{"schema": 1, "prefix_classes": [JSON], "hyp_relocations": JSON}`,
	"bad4.json":    `{"schema": 1, "hyp_relocations": JSON}`,
	"map.json":     `{"schema": 1, "sections": [{"name": JSON, "size": 12, "inputs": [{"offset": 0, "size": 12, "file": JSON, "section": JSON}]}]}`,
	"part.json":    `{"schema": 1, "sections": [{"name": ".hyp.text", "size": 8, "inputs": [{"offset": 0, "size": 8, "file": JSON, "section": JSON}]}]}`,
	"NAME":         "NAME",
	"NAME.a":       "!<arch>\nNAME",
	"response.txt": `"-NAME"`,
}

// namedCommands are command lines that print names; blanks separate arguments.
var namedCommands = []string{
	"link -o out a.o b.o",
	"link -o out NAME.o NAME2.o",
	"link -o out NAME NAME.a none-NAME",
	"link -o no/dir-NAME/out a.o",
	"link -o out archive.a",
	"link --orphan=warn --script=discard.lds -o out NAME.o",
	"link --orphan=warn --script=discard.lds -o out b.o group.o",
	"link --orphan=error --script=discard.lds -o out NAME.o",
	"link --script=assert.lds -o out a.o",
	"link --script=symbol.lds -o out a.o",
	"link --script=NAME -o out a.o",
	"link --script=NAME.lds -o out a.o",
	"link --common=error -o out NAME.o",
	"link --group=error -o out group.o",
	"link --group=NAME -o out a.o",
	"link --orphan=NAME -o out a.o",
	"link --NAME -o out a.o",
	"link --map=NAME -o NAME a.o",
	"object --symbol-prefix=p_ --redefine-syms=syms -o out NAME.o",
	"object --hyp-relocations --symbol-prefix=p_ -o out NAME-hyp.o",
	"hyprel -o out NAME-hyp.o",
	"hyprel -o out NAME",
	"prefix --redefine-syms=list -o out a.o",
	"prefix --redefine-syms=syms -o out NAME.o",
	"prefix --redefine-sym=NAME-object=both --redefine-sym=NAME-new=both -o out NAME2.o",
	"prefix --prefix-class=NAME --symbol-prefix=x -o out NAME.o",
	"prefix --remove-section=.code.* -o out NAME.o",
	"prefix --localize-symbol=[NAME -o out NAME.o",
	"check --allowed-section=x NAME.o",
	"check --symbol-prefix=other_ NAME2.o",
	"check --symbol-prefix=p_ --script=discard.lds --require-bti --require-pac a.o",
	"check --map=map.json --section-prefix=.code a.o",
	"check --map=part.json hyp.o",
	"check --policy=policy.json NAME.o",
	"check --policy=bad1.json a.o",
	"check --policy=bad2.json a.o",
	"check --policy=bad3.json a.o",
	"check --policy=bad4.json a.o",
	"check --map=bad1.json a.o",
	"check --hyp-relocations=NAME a.o",
	"check --allowed-undefined=list a.o",
	"check --allowed-undefined=none-NAME a.o",
	"check --json a.o",
	"compare NAME.o NAME2.o",
	"compare NAME.o NAME.o",
	"compare --ignore=NAME a.o b.o",
	"compare --ignore=comment --map-a=map.json a.o b.o",
	"compare --json a.o b.o",
	"compare a.o group.o",
	"size NAME.o",
	"size --map=map.json a.o",
	"size --json NAME.o",
	"size --base=NAME2.o --max-growth=0 NAME.o",
	"layout NAME.o",
	"layout group.o",
	"layout --map=map.json a.o",
	"layout --map=part.json hyp.o",
	"layout --json NAME.o",
	"ld -r -o out NAME.o NAME2.o",
	"ld -r -T discard.lds -o out NAME.o",
	"ld -r -m NAME -o out a.o",
	"ld -r -z NAME -o out a.o",
	"ld -r --NAME -o out a.o",
	"ld -r --orphan-handling=NAME -o out a.o",
	"ld @response.txt",
	"objcopy --redefine-syms=syms NAME.o out",
	"objcopy --redefine-syms=list NAME.o out",
	"objcopy --NAME NAME.o out",
	"objcopy --rename-section=NAME NAME.o out",
	"objcopy NAME out",
	"NAME",
	"@none-NAME",
}

// namesDir makes the files with a name in them, in the working directory. The
// archive has a broken member of that name.
func namesDir(t *testing.T, name string) {
	t.Helper()
	t.Chdir(t.TempDir())
	write := func(path string, contents []byte) {
		if err := os.WriteFile(path, contents, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	quoted, err := json.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	replace := strings.NewReplacer(plainName, name, "JSON", string(quoted)).Replace
	for file, text := range namedObjects {
		o, err := elftext.Parse(file, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range o.Sections {
			if s != nil {
				s.Name = replace(s.Name)
			}
		}
		for i := range o.Symbols {
			o.Symbols[i].Name = replace(o.Symbols[i].Name)
		}
		b, err := o.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		write(file+".o", b)
		switch file {
		case "a":
			write(name+".o", b)
		case "b":
			write(name+"2.o", b)
		case "hyp":
			write(name+"-hyp.o", b)
		}
	}
	for file, text := range namedFiles {
		write(replace(file), []byte(replace(text)))
	}
	// GNU's form of a long name ends with "/" and a newline, which no name holds.
	long := strings.ReplaceAll(name, "\n", " ") + ".o/\n"
	member := func(name, contents string) string {
		return padded(name, 48) + padded(strconv.Itoa(len(contents)), 10) + "`\n" + contents + strings.Repeat("\n", len(contents)%2)
	}
	write("archive.a", []byte("!<arch>\n"+member("//", long)+member("/0", "\x7fELF"+name)))
}

func padded(s string, n int) string { return s + strings.Repeat(" ", n-len(s)) }

// runNamed runs the command lines with a name in them, and returns what they
// print on both outputs.
func runNamed(t *testing.T, name string) (printed [][2]string) {
	t.Helper()
	namesDir(t, name)
	for _, line := range namedCommands {
		args := strings.Fields(line)
		for i, a := range args {
			args[i] = strings.ReplaceAll(a, plainName, name)
		}
		var stdout, stderr bytes.Buffer
		run(commands, args, &stdout, &stderr)
		printed = append(printed, [2]string{stdout.String(), stderr.String()})
	}
	return printed
}

// Whatever a name holds, all commands print text that a terminal can show, and as
// many lines as for a plain name.
func TestHostileNames(t *testing.T) {
	plain := runNamed(t, plainName)
	for i, line := range namedCommands {
		if !strings.Contains(plain[i][0]+plain[i][1], plainName) && !strings.Contains(line, "NAME.lds") {
			t.Errorf("%s prints no name: %q %q", line, plain[i][0], plain[i][1])
		}
	}
	for _, name := range []string{
		"\x1b[31mred\x1b[0m", "a\nb.o: error: c", "back\b\b\b\r", "\xff\xc3\x80", "\x7f\u0085\u009b1m", "\u202egpj\u2028", "tab\there\v\f", "\x01\x02",
	} {
		for i, got := range runNamed(t, name) {
			line := namedCommands[i]
			isJSON := strings.Contains(line, "--json")
			for k, text := range got {
				if isJSON && k == 0 {
					if text == "" || !json.Valid([]byte(text)) {
						t.Errorf("%s with name %q: not JSON: %q", line, name, text)
					}
					continue
				}
				if bad := unprintable(text); bad != "" {
					t.Errorf("%s with name %q: %s is in %q", line, name, bad, text)
				}
				if n, want := strings.Count(text, "\n"), strings.Count(plain[i][k], "\n"); n != want {
					t.Errorf("%s with name %q: %d lines, want %d:\n%s%s", line, name, n, want, text, plain[i][k])
				}
			}
		}
	}
}

// unprintable returns the first character other than a newline that does not
// print, or the first byte that is not UTF-8.
func unprintable(text string) string {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") || r != '\n' && !strconv.IsPrint(r) {
			return strconv.Quote(text[i : i+1])
		}
	}
	return ""
}
