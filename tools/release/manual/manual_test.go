// SPDX-License-Identifier: Apache-2.0

package main

import (
	"reflect"
	"strings"
	"testing"
)

// Options are read from the two forms of help that our programs print.
func TestParseCommand(t *testing.T) {
	got := parseCommand(strings.Split(`usage: tool do [options] FILE
       tool do -list
do it.
taken are: -r --relocatable, -z KEYWORD, --merge (ours)
  -json
        print JSON
  -lines int
    	how many lines;
    	-1: all
  -v	say more
  --map FILE
        where it goes
  -o FILE
        output file

examples:
  tool do -o out in
  tool do -list`, "\n"))
	want := command{
		usage: []string{"tool do [options] FILE", "tool do -list"},
		text:  []string{"do it."},
		options: []option{
			{names: []string{"-r", "--relocatable"}},
			{names: []string{"-z"}, value: "KEYWORD"},
			{names: []string{"--merge"}, text: "ours"},
			{names: []string{"--json"}, text: "print JSON"},
			{names: []string{"--lines"}, value: "int", text: "how many lines; -1: all"},
			{names: []string{"-v"}, text: "say more"},
			{names: []string{"--map"}, value: "FILE", text: "where it goes"},
			{names: []string{"-o"}, value: "FILE", text: "output file"},
		},
		examples: []string{"tool do -o out in", "tool do -list"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Commands are listed in a program's help, or named in its usage.
func TestParseHelp(t *testing.T) {
	p := &program{name: "tool"}
	names := p.parseHelp([]string{"tool does things.", "  tool make FILE", "        make a thing", "  tool help E1003", "        explain an error", "  tool --version", "        say which", "Exit codes: 0 done."})
	if strings.Join(names, " ") != "make" || p.summary != "does things." || strings.Join(p.notes, "\n") != "Exit codes: 0 done." {
		t.Errorf("commands %v of %+v", names, p)
	}
	p = &program{name: "tool"}
	names = p.parseHelp([]string{"usage: tool init [DIR]    see tool init -h", "       tool FILE", "", "Makes things."})
	if strings.Join(names, " ") != "init" || strings.Join(p.own.usage, "|") != "tool init [DIR]|tool FILE" || strings.Join(p.own.text, " ") != "Makes things." {
		t.Errorf("commands %v of %+v", names, p)
	}
}

// What roff would take for a request, or for a hyphen to break at, is escaped.
func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		".TH x":   `\&.TH x`,
		"'quoted": `\&'quoted`,
		`a\b`:     `a\eb`,
		"-o":      `\-o`,
	} {
		if got := escape(text); got != want {
			t.Errorf("escape(%q) is %q, want %q", text, got, want)
		}
	}
}

// What the shells would take for the end of a word, or for the start of a description, is quoted.
func TestCompletionsQuote(t *testing.T) {
	p := &program{name: "tool", commands: []command{{name: "a:b", text: []string{"it's a"}, options: []option{{names: []string{"--c", "-d", "-ef"}, value: "X", text: `a\b'c`}}}}}
	files := p.completions()
	for name, lines := range map[string][]string{
		"zsh/site-functions/_tool":            {`  'a\:b:it'\''s a'`, `      '--c:a\b'\''c'`},
		"fish/vendor_completions.d/tool.fish": {`complete -c tool -n __fish_use_subcommand -a a:b -d 'it'\''s a'`, `complete -c tool -n '__fish_seen_subcommand_from a:b' -l 'c' -r -d 'a\\b'\''c'`, ` -s 'd' -r`, ` -o 'ef' -r`},
		"bash-completion/tool":                {`    a:b) words='--c -d -ef' ;;`},
	} {
		for _, line := range lines {
			if !strings.Contains(files[name], line) {
				t.Errorf("%s lacks %s:\n%s", name, line, files[name])
			}
		}
	}
}
