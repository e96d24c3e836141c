// SPDX-License-Identifier: Apache-2.0

package howto

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/program"
)

// compiled are the options of a hyp_library's sources in docs/first-object.md, with those that the rules add, and -g for lines.
var compiled = []string{
	"-c", "-g", "-O2", "-ffreestanding", "-fno-pic", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables",
}

// script is the linker script of an example that has none.
const script = `SECTIONS {
	.hyp.text : { __hyp_section_.hyp.text = .; *(.text .text.*) }
	.hyp.rodata : { __hyp_section_.hyp.rodata = .; *(.rodata .rodata.*) }
	.hyp.bss : { *(.bss .bss.*) }
}
`

// An example is what a hyp_object of an example has besides its sources.
type example struct {
	relocated bool     // hyp_relocations
	allowed   []string // allowed_undefined
	check     []string // further options of the check
}

// By heading. Most need nothing.
var examples = map[string]example{
	"HYP001: thread-local storage":                 {},
	"HYP002: a call that the compiler made":        {},
	"HYP003: an initialised variable":              {},
	"HYP003: unwind tables of assembly":            {},
	"HYP006: an output section without the prefix": {},
	"HYP008: a branch that is too short":           {},
	"HYP009: an executable stack":                  {},
	"HYP011: the address of a host symbol":         {relocated: true, allowed: []string{"__counter_host_name"}},
	"HYP012: a shadow call stack":                  {},
	"HYP014: an absolute address in an island":     {check: []string{"--no-absolute-relocations"}},
}

// build writes the files, makes hyp.o of them, and returns what the check says.
func (e example) build(t *testing.T, files []Block) program.Result {
	t.Helper()
	dir, hyplink := t.TempDir(), program.File(t, "HYPLINK")
	files = append([]Block{
		{Name: "example.lds", Text: script},
		{Name: "allowed.txt", Text: strings.Join(e.allowed, "\n") + "\n"},
	}, files...)
	lds, mode := "", "absent"
	var objects []string
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), []byte(f.Text), 0o666); err != nil {
			t.Fatal(err)
		}
		switch base, extension := strings.TrimSuffix(f.Name, filepath.Ext(f.Name)), filepath.Ext(f.Name); extension {
		case ".lds":
			lds = f.Name
		case ".c", ".S":
			object := base + ".hyp.o"
			program.Must(t, dir, program.File(t, "GCC"), append(slices.Clone(compiled), "-o", object, f.Name)...)
			objects = append(objects, object)
		}
	}
	link := []string{"object", "--script=" + lds, "--map=layout.json", "--symbol-prefix=__counter_", "-o", "hyp.o"}
	if e.relocated {
		link, mode = append(link, "--hyp-relocations"), "required"
	}
	program.Must(t, dir, hyplink, append(link, objects...)...)
	// As the action HypCheck has it.
	check := []string{"check", "--symbol-prefix=__counter_", "--section-prefix=.hyp", "--hyp-relocations=" + mode, "--script=" + lds, "--map=layout.json"}
	if e.allowed != nil {
		check = append(check, "--allowed-undefined=allowed.txt")
	}
	return program.Run(t, dir, hyplink, append(append(check, e.check...), "hyp.o")...)
}

// page reads a page of docs/.
func page(t *testing.T, variable string) []Section {
	t.Helper()
	text, err := os.ReadFile(program.File(t, variable))
	if err != nil {
		t.Fatal(err)
	}
	sections, err := Read(string(text))
	if err != nil {
		t.Fatalf("%s: %v", os.Getenv(variable), err)
	}
	return sections
}

// The page has the output of each example, and the fixed sources pass.
func TestCheckFailures(t *testing.T) {
	seen := map[string]bool{}
	fixed := map[string]Block{} // of HYP003, further down the page
	sections := page(t, "CHECK_FAILURES")
	for _, s := range sections {
		for _, b := range s.Blocks {
			if b.Fixed && !strings.HasPrefix(s.Heading, "### HYP") {
				fixed[b.Name] = b
			}
		}
	}
	for _, s := range sections {
		name, ok := strings.CutPrefix(s.Heading, "### HYP")
		if !ok {
			continue
		}
		name = "HYP" + name
		e, ok := examples[name]
		if !ok {
			t.Errorf("the test does not know %q", name)
			continue
		}
		seen[name] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var broken, repaired []Block
			output := ""
			for _, b := range s.Blocks {
				switch {
				case b.Fixed:
					repaired = append(repaired, b)
				case b.Name != "":
					broken = append(broken, b)
				case b.Language == "text":
					output = b.Text
				}
			}
			if r := e.build(t, broken); r.Code != 1 || Unwrapped(r.Stderr) != Unwrapped(output) {
				t.Errorf("exit code %d; the page has another output than\n%s", r.Code, r.Stderr)
			}
			if b, ok := fixed[broken[0].Name]; ok && repaired == nil {
				repaired = []Block{b}
			} else if repaired == nil {
				t.Fatal("no fixed source")
			}
			for _, b := range broken {
				if !slices.ContainsFunc(repaired, func(r Block) bool { return r.Name == b.Name }) {
					repaired = append(repaired, b)
				}
			}
			if r := e.build(t, repaired); r.Code != 0 || r.Stdout+r.Stderr != "" {
				t.Errorf("fixed: exit code %d, %s%s", r.Code, r.Stdout, r.Stderr)
			}
		})
	}
	for name := range examples {
		if !seen[name] {
			t.Errorf("the page has no example %q", name)
		}
	}
}

const limit = `unsigned long limit = 5;

unsigned long next(unsigned long n) { return n + 1; }
`

// The policy file does what the page says.
func TestAllowed(t *testing.T) {
	for _, s := range page(t, "CHECK_FAILURES") {
		if s.Heading != "## Allowing something on purpose" {
			continue
		}
		if len(s.Blocks) != 2 {
			t.Fatalf("%d blocks", len(s.Blocks))
		}
		files := []Block{{Name: "limit.c", Text: limit}, s.Blocks[0]}
		r := example{check: []string{"--policy=" + s.Blocks[0].Name}}.build(t, files)
		if r.Code != 0 || r.Stdout != "" || r.Stderr != s.Blocks[1].Text {
			t.Errorf("exit code %d, %s%s", r.Code, r.Stdout, r.Stderr)
		}
		if r := (example{}).build(t, files); r.Code != 1 || !strings.Contains(r.Stderr, "HYP003") {
			t.Errorf("without the policy: exit code %d, %s", r.Code, r.Stderr)
		}
		return
	}
	t.Error("no section about policies")
}
