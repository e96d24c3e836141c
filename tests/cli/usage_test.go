// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"os"
	"strings"
	"testing"
)

// wrongUsage lists wrong command lines; stderr is the first line.
var wrongUsage = []struct {
	name, args, stderr string
}{
	{"nothing", "", "hyplink builds namespaced ELF objects."},
	{"unknown command", "glue good.o", "hyplink: no command \"glue\"; 'hyplink help' lists them [E5001]"},
	{"unknown option", "link --scirpt=good.lds -o out/hyp.o good.o", "hyplink link: flag provided but not defined: -scirpt [E5002]"},
	{"no output", "link --script=good.lds good.o", "hyplink link: no output; give -o FILE [E5006]"},
	{"no input", "link --script=good.lds -o out/hyp.o", "hyplink link: no input objects [E5005]"},
	{"no input of object", "object --script=good.lds --symbol-prefix=p_ -o out/hyp.o", "hyplink object: no input objects [E5005]"},
	{"unknown orphan mode", "link --script=good.lds --orphan=keep -o out/hyp.o good.o", "hyplink link: --orphan=keep: want place, warn or error [E5004]"},
	{"unknown group mode", "link --script=good.lds --group=drop -o out/hyp.o good.o", "hyplink link: --group=drop: want flatten, keep or error [E5004]"},
	{"negative threads", "link --script=good.lds --threads=-1 -o out/hyp.o good.o", "hyplink link: --threads=-1: want a number of processors, or 0 for all [E5004]"},
	{"two inputs of hyprel", "hyprel -o out/hyp.o good.o real.o", "hyplink hyprel: 2 input objects, want one [E5005]"},
	{"no output of prefix", "prefix --symbol-prefix=p_ good.o", "hyplink prefix: no output; give -o FILE [E5006]"},
	{
		"symbol table to remove", "prefix --remove-section=.symtab -o out/hyp.o good.o",
		"hyplink prefix: invalid value \".symtab\" for flag -remove-section: .symtab is a table of the file format, which each object needs; remove the option [E4007]",
	},
	{
		"string table to rename", "prefix --rename-section=.strtab=.names -o out/hyp.o good.o",
		"hyplink prefix: invalid value \".strtab=.names\" for flag -rename-section: .strtab is a table of the file format, which each object needs; remove the option [E4007]",
	},
	{
		"prefix with a quote", "prefix --symbol-prefix='p_' -o out/hyp.o good.o",
		"hyplink prefix: --symbol-prefix: \"'p_'\" has a '\\'' at offset 0; use letters, digits and the characters . _ $ @ : / + - ~ % ^ only [E4004]",
	},
	{
		"pattern as a section prefix", "object --script=good.lds --hyp-section-prefix=.hyp* -o out/hyp.o good.o",
		"hyplink object: --hyp-section-prefix: \".hyp*\" has a '*' at offset 4; use letters, digits and the characters . _ $ @ : / + - ~ % ^ only [E4004]",
	},
	{
		"prefix with a control character", "check --symbol-prefix=p\x01 good.o",
		`hyplink check: --symbol-prefix: "p\x01" has a control character at offset 1; remove it [E4004]`,
	},
	{"option without a value", "link -o", "hyplink link: flag needs an argument: -o [E5003]"},
	{"directory as parameter file", "link @directory", "hyplink: directory: is a directory; give the path of a parameter file [E5104]"},
	{"object as parameter file", "link @good.o", "hyplink: good.o: is an ELF file; give the path of a parameter file [E5107]"},
	{"directory as response file", "ld @directory", "hyplink: directory: is a directory; give the path of a response file [E5104]"},
	{"missing parameter file", "link @nothing.params", "hyplink: nothing.params: cannot be opened: no such file or directory; check the path and its permissions [E5102]"},
}

func TestWrongUsage(t *testing.T) {
	dir := inputs(t)
	for _, c := range wrongUsage {
		t.Run(c.name, func(t *testing.T) {
			r := hyplink(t, dir, strings.Fields(c.args)...)
			if r.Code != 2 {
				t.Errorf("exit code %d, want 2", r.Code)
			}
			if r.Stdout != "" {
				t.Errorf("stdout is %q", r.Stdout)
			}
			if first, _, _ := strings.Cut(r.Stderr, "\n"); first != c.stderr {
				t.Errorf("stderr starts\n%s\nwant\n%s", first, c.stderr)
			}
			checkUntouched(t, dir, "")
		})
	}
}

// Help exits with 0 and goes to standard output.
func TestHelp(t *testing.T) {
	for _, args := range []string{"help", "--help", "link --help", "object -h", "prefix --help", "hyprel --help"} {
		r := hyplink(t, t.TempDir(), strings.Fields(args)...)
		if r.Code != 0 || r.Stderr != "" || !strings.Contains(r.Stdout, "hyplink ") {
			t.Errorf("hyplink %s: exit code %d, stdout %q, stderr %q", args, r.Code, r.Stdout, r.Stderr)
		}
	}
}

// The version is that of the ruleset; hyplink ld and objcopy report the GNU version
// whose behavior they follow.
func TestVersion(t *testing.T) {
	for args, want := range map[string]string{"--version": "hyplink (rules_hyp) ", "version": "hyplink (rules_hyp) ", "ld --version": "GNU ld ", "objcopy --version": "GNU objcopy "} {
		r := hyplink(t, t.TempDir(), strings.Fields(args)...)
		if r.Code != 0 || r.Stderr != "" || !strings.HasPrefix(r.Stdout, want) || strings.Count(r.Stdout, "\n") != 1 {
			t.Errorf("hyplink %s: exit code %d, stdout %q, stderr %q", args, r.Code, r.Stdout, r.Stderr)
		}
	}
}

// inputs returns a new directory with the fixtures and empty directories directory/
// and out/.
func inputs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	fixtures(t, dir)
	for _, name := range []string{"directory", "out"} {
		if err := os.Mkdir(dir+"/"+name, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Options may be anywhere, also in a parameter file, with one argument per line.
// Equivalent command lines give the same object.
func TestWaysToSayIt(t *testing.T) {
	dir := inputs(t)
	write(t, dir+"/all.params", []byte("--script=good.lds\n-o\nout/hyp.o\ngood.o\nreal.o\n"))
	write(t, dir+"/inputs.params", []byte("good.o\nreal.o\n"))
	write(t, dir+"/crlf.params", []byte("good.o\r\nreal.o"))
	var want []byte
	for _, args := range []string{
		"link --script=good.lds -o out/hyp.o good.o real.o",
		"link good.o -o out/hyp.o real.o --script=good.lds",
		"link -script good.lds --o=out/hyp.o good.o real.o",
		"link --script=good.lds -o out/hyp.o -- good.o real.o",
		"link --script=good.lds --threads=1 -o out/hyp.o good.o real.o",
		"link --script=good.lds --threads=5 -o out/hyp.o good.o real.o",
		"link @all.params",
		"link --script=good.lds -o out/hyp.o @inputs.params",
		"link --script=good.lds -o out/hyp.o @crlf.params",
		"link --script=good.lds --orphan=place --group=flatten -o ./out/../out/hyp.o ./good.o directory/../real.o",
	} {
		os.Remove(dir + "/out/hyp.o")
		r := hyplink(t, dir, strings.Fields(args)...)
		got, err := os.ReadFile(dir + "/out/hyp.o")
		if r.Code != 0 || r.Stdout+r.Stderr != "" || err != nil {
			t.Errorf("hyplink %s: exit code %d, %s%s, %v", args, r.Code, r.Stdout, r.Stderr, err)
			continue
		}
		if want == nil {
			want = got
		} else if string(got) != string(want) {
			t.Errorf("hyplink %s: the object differs", args)
		}
	}
}
