// SPDX-License-Identifier: Apache-2.0

package howto

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/elfdump"
	"github.com/rules-hyp/rules_hyp/tests/program"
)

// rows returns the rows of the tables in a section of docs/migrating.md with a
// number of columns, without the heads.
func rows(t *testing.T, heading string, columns int) [][]string {
	t.Helper()
	var out [][]string
	for _, s := range page(t, "MIGRATING") {
		if s.Heading != heading {
			continue
		}
		lines := strings.Split(s.Text, "\n")
		for i, line := range lines {
			cells := strings.Split(strings.Trim(line, "| "), " | ")
			if !strings.HasPrefix(line, "| ") || len(cells) != columns || i+1 < len(lines) && strings.HasPrefix(lines[i+1], "|--") {
				continue
			}
			out = append(out, cells)
		}
	}
	if len(out) < 5 {
		t.Fatalf("docs/migrating.md: %d rows with %d columns in %q", len(out), columns, heading)
	}
	return out
}

var span = regexp.MustCompile("`([^`]+)`")

// spans returns the code in a cell.
func spans(cell string) []string {
	var out []string
	for _, m := range span.FindAllStringSubmatch(cell, -1) {
		out = append(out, m[1])
	}
	return out
}

// renamed has all that an option of the page names.
const renamed = `
	.text
	.globl start
	.type start, %function
start:
	bl helper
	bl memcpy
	bl inner
	ret
	.size start, . - start
	.globl helper
	.type helper, %function
helper:
	ret
	.size helper, . - helper
	.type inner, %function
inner:
	ret
	.size inner, . - inner
	.globl concealed
	.hidden concealed
concealed:
	nop
unused:
	nop
	.data
	.globl table
table:
	.quad start
	.section .comment, "MS", %progbits, 1
	.string "a comment"
	.section .debug_info, "", %progbits
	.quad start
	.section .note.gnu.property, "a", %note
	.p2align 3
	.word 4, 16, 5
	.asciz "GNU"
	.word 0xc0000000, 4, 3, 0
	.section .note.GNU-stack, "", %progbits
`

// directory returns one with an object and the files of names.
func directory(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"in.s":      renamed,
		"names.txt": "start begin\ntable list\n",
		"list.txt":  "start\ntable\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	program.Must(t, dir, program.File(t, "GCC"), "-c", "-o", "in.o", "in.s")
	return dir
}

// dump reads an object in a directory.
func dump(t *testing.T, dir, name string) *elfdump.Object {
	t.Helper()
	o, err := elfdump.Read([]string{program.File(t, "READELF")}, filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// The commands of a row make the same object, and another one than before.
func TestObjcopy(t *testing.T) {
	const heading = "## From objcopy"
	dir := directory(t)
	objcopy, hyplink := program.File(t, "OBJCOPY"), program.File(t, "HYPLINK")
	for _, row := range rows(t, heading, 3) {
		t.Run(strings.ReplaceAll(row[0], "`", ""), func(t *testing.T) {
			program.Must(t, dir, "/bin/cp", "in.o", "gnu.o")
			program.Must(t, dir, "/bin/cp", "in.o", "same.o")
			for _, options := range spans(row[0]) {
				if strings.HasPrefix(options, "hyplink") {
					continue
				}
				program.Must(t, dir, objcopy, append(strings.Fields(options), "gnu.o")...)
				r := program.Run(t, dir, hyplink, append(append([]string{"objcopy"}, strings.Fields(options)...), "same.o")...)
				if want := strings.Contains(row[0], "not by"); (r.Code == 2) != want || r.Code != 0 && !want {
					t.Errorf("hyplink objcopy %s: exit code %d, %s", options, r.Code, r.Stderr)
				}
			}
			options := spans(row[1])
			if len(options) != 1 {
				t.Fatalf("%d commands of hyplink", len(options))
			}
			program.Must(t, dir, hyplink, append(append([]string{"prefix"}, strings.Fields(options[0])...), "-o", "ours.o", "in.o")...)
			want := dump(t, dir, "gnu.o")
			if diff, _ := elfdump.Diff(dump(t, dir, "in.o"), want, nil); len(diff) == 0 {
				t.Error("objcopy changes nothing; let the object have what the options name")
			}
			others := []string{"ours.o", "same.o"}
			if strings.Contains(row[0], "not by") {
				others = others[:1]
			}
			for _, name := range others {
				if diff, _ := elfdump.Diff(want, dump(t, dir, name), nil); len(diff) > 0 {
					t.Errorf("%s differs: %s", name, strings.Join(diff, "\n"))
				}
			}
		})
	}
}

// What hyplink does not do is an error of the command line, and GNU objcopy knows it.
func TestNotTaken(t *testing.T) {
	dir := directory(t)
	for _, row := range rows(t, "## From objcopy", 2) {
		for _, option := range spans(row[0]) {
			program.Must(t, dir, program.File(t, "OBJCOPY"), option, "in.o", "gnu.o")
			if r := program.Run(t, dir, program.File(t, "HYPLINK"), "objcopy", option, "in.o", "ours.o"); r.Code == 0 {
				t.Errorf("hyplink objcopy takes %s", option)
			}
		}
	}
}

// The attributes of a row are attributes of the rule.
func TestAttributes(t *testing.T) {
	text, err := os.ReadFile(program.File(t, "RULES"))
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range []string{"hyp_object", "hyp_island"} {
		_, attributes, _ := strings.Cut(string(text), "\n## "+rule+"\n")
		attributes, _, _ = strings.Cut(attributes, "\n## ")
		for _, row := range rows(t, "## From objcopy", 3) {
			for _, attribute := range spans(row[2]) {
				name, _, _ := strings.Cut(attribute, " ")
				if !strings.Contains(attributes, "| `"+name+"` |") {
					t.Errorf("%s has no attribute %s", rule, name)
				}
			}
		}
	}
}

var (
	assignment = regexp.MustCompile(`^\s*(\S+\s*(?::=|\+=|=))`)
	target     = regexp.MustCompile(`^(\S+:)`)
	blanks     = regexp.MustCompile(`\s+`)
)

// lines returns what the lines of a Makefile begin with: the variable and the
// operator, the target, or the recipe.
func lines(text string) []string {
	var out []string
	for _, line := range strings.Split(strings.ReplaceAll(text, "\\\n", " "), "\n") {
		line, _, _ = strings.Cut(line, "#")
		m := assignment.FindStringSubmatch(line)
		if m == nil {
			m = target.FindStringSubmatch(line)
		}
		switch line = strings.TrimSpace(line); {
		case m != nil:
			out = append(out, blanks.ReplaceAllString(m[1], " "))
		case line != "":
			out = append(out, line)
		}
	}
	return out
}

// Each line of the kernels' Makefile is in the table, and each of the table is in a Makefile.
func TestMakefile(t *testing.T) {
	const nvhe = "arch/arm64/kvm/hyp/nvhe/Makefile"
	var table []string
	for _, row := range rows(t, "## From the kbuild rules", 2) {
		if !strings.HasPrefix(row[0], "7.2: ") {
			table = append(table, spans(row[0])...)
		}
	}
	// Below the heading there is another table, of commands.
	table = slices.DeleteFunc(table, func(s string) bool {
		return strings.HasPrefix(s, "ld ") || strings.HasPrefix(s, "gen-hyprel ") || strings.HasPrefix(s, "objcopy ")
	})
	seen := map[string]bool{}
	kernels := 0
	for _, name := range strings.Fields(os.Getenv("KBUILD_FILES")) {
		if !strings.HasSuffix(name, nvhe) {
			continue
		}
		kernels++
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all := lines(string(text))
		if len(all) < 30 {
			t.Errorf("%s: %d lines", name, len(all))
		}
		for _, line := range all {
			found := false
			for _, s := range table {
				if strings.HasPrefix(s, line) {
					found, seen[s] = true, true
				}
			}
			if !found {
				t.Errorf("%s: %s is not in docs/migrating.md", name, line)
			}
		}
	}
	if kernels != 2 {
		t.Errorf("%d Makefiles", kernels)
	}
	for _, s := range table {
		if !seen[s] {
			t.Errorf("docs/migrating.md has a line %s, which is in no Makefile", s)
		}
	}
}
