// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"strings"
	"testing"
)

func TestSplitWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "",
		" a  b\tc\r\nd\n":       "a|b|c|d",
		`"a b" 'c d'e`:          "a b|c de",
		`a\ b "c\"d" 'e\f' \\`:  `a b|c"d|e\f|\`,
		`"" ''`:                 "|",
		`"not closed`:           "not closed",
		`ends\`:                 `ends\`,
		"arch/a.o\narch/b.o\n":  "arch/a.o|arch/b.o",
		"-T 'hyp script.lds'\n": "-T|hyp script.lds",
	} {
		if got := strings.Join(splitWords(text), "|"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestResponseFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"one": "a @two 'b c'", "two": "d\ne", "loop": "x @loop"} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := expandResponseFiles([]string{"ld", "@one", "@none", "z"}, 0)
	if want := "ld|a|d|e|b c|@none|z"; err != nil || strings.Join(got, "|") != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := expandResponseFiles([]string{"@loop"}, 0); err == nil || !strings.Contains(err.Error(), "response file loop: more than 8 files name each other") {
		t.Errorf("a file that names itself gave %v", err)
	}
}

func TestParseGNU(t *testing.T) {
	for args, want := range map[string]string{
		"-r -o out in":              "r o=out operand=in",
		"-oout in -r":               "o=out operand=in r",
		"--output=out --output out": "o=out o=out",
		"-gr in":                    "g r operand=in",
		"-gro out":                  "g r o=out",
		"-maarch64elf -m elf_x":     "m=aarch64elf m=elf_x",
		"-EL -E":                    "EL refused -E",
		"-- -r":                     "operand=-r",
		"- in":                      "operand=- operand=in",
		"--output":                  "usage --output needs a value",
		"-o":                        "usage -o needs a value",
		"--foo=1":                   "refused --foo",
		"--foo":                     "refused --foo",
		"--strip=1":                 "refused --strip",
		"-gx":                       "g refused -gx",
		"-shared":                   "refused -shared",
		"--outpu=x":                 "refused --outpu",
		"--output=":                 "o=",
		"--id x":                    "id= operand=x",
		"--id=x":                    "id=x",
		"--id":                      "id=",
	} {
		var log []string
		option := func(value valueKind, names ...string) gnuOption {
			return gnuOption{names, value, func(v string) error {
				word := strings.TrimLeft(names[0], "-")
				if value != noValue {
					word += "=" + v
				}
				log = append(log, word)
				return nil
			}}
		}
		options := []gnuOption{
			option(hasValue, "-o", "--output"), option(noValue, "-r"), option(noValue, "-g", "--strip"), option(hasValue, "-m"), option(noValue, "-EL"),
			option(optionalValue, "--id"),
		}
		err := parseGNU(strings.Fields(args), options,
			func(s string) error { log = append(log, "operand="+s); return nil },
			func(s string) error { return errors.New("refused " + s) })
		var usage *usageError
		if errors.As(err, &usage) {
			log = append(log, "usage "+err.Error())
		} else if err != nil {
			log = append(log, err.Error())
		}
		if got := strings.Join(log, " "); got != want {
			t.Errorf("%s: got %q, want %q", args, got, want)
		}
	}
}
