// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the .golden files in testdata")

// TestGolden compares the syntax tree of each testdata/NNN-*.lds with its golden
// dump, and holds String to give the same tree again.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.lds")
	if err != nil || len(files) < 6 {
		t.Fatalf("got %d scripts in testdata, want at least 6 (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Parse(filepath.Base(file), src)
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, strings.TrimSuffix(file, ".lds")+".golden", dump(s, true))
			checkPrinting(t, s)
		})
	}
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s:%d: got %q, want %q; if the change is meant, run go test with -update", file, i+1, g[i], w[i])
		}
	}
	t.Fatalf("%s: got %d lines, want %d; if the change is meant, run go test with -update", file, len(g), len(w))
}

// checkPrinting parses the printed form of s, which must give the same tree and
// print the same again.
func checkPrinting(t *testing.T, s *Script) {
	t.Helper()
	text := s.String()
	again, err := Parse("printed", []byte(text))
	if err != nil {
		t.Fatalf("the printed form does not parse: %v\n%s", err, text)
	}
	if a, b := dump(s, false), dump(again, false); a != b {
		t.Fatalf("the printed form differs\nbefore:\n%s\nafter:\n%s\nprinted:\n%s", a, b, text)
	}
	if second := again.String(); second != text {
		t.Fatalf("printing is not stable\nfirst:\n%s\nsecond:\n%s", text, second)
	}
}

// dump writes the tree of s, one node a line, with or without positions.
func dump(s *Script, positions bool) string {
	d := dumper{positions: positions}
	for _, c := range s.commands {
		d.node(c)
	}
	return d.b.String()
}

type dumper struct {
	b         strings.Builder
	depth     int
	positions bool
}

func (d *dumper) line(pos Pos, format string, args ...any) {
	d.b.WriteString(strings.Repeat("  ", d.depth))
	fmt.Fprintf(&d.b, format, args...)
	if d.positions {
		fmt.Fprintf(&d.b, " @%v", pos)
	}
	d.b.WriteByte('\n')
}

func (d *dumper) node(n any) {
	switch n := n.(type) {
	case *Sections:
		d.line(n.Pos, "Sections")
		d.depth++
		for _, c := range n.commands {
			d.node(c)
		}
		d.depth--
	case *OutputSection:
		d.line(n.Pos, "OutputSection %q discard=%v", n.Name, n.Discard)
		d.depth++
		d.expr("addr", n.Addr)
		d.expr("align", n.Align)
		d.expr("subalign", n.SubAlign)
		if n.Fill != nil {
			d.fill(n.Fill)
		}
		for _, s := range n.contents {
			d.node(s)
		}
		d.depth--
	case *Assignment:
		d.line(n.Pos, "Assignment %q kind=%d op=%v", n.Name, n.Kind, n.Op)
		d.depth++
		d.expr("value", n.Value)
		d.depth--
	case *Assert:
		d.line(n.Pos, "Assert %q", n.Message)
		d.depth++
		d.expr("cond", n.Cond)
		d.depth--
	case *Data:
		d.line(n.Pos, "Data size=%d", n.Size)
		d.depth++
		d.expr("value", n.Value)
		d.depth--
	case *Fill:
		d.line(n.Pos, "Fill")
		d.depth++
		d.fill(&n.Value)
		d.depth--
	case *InputSpec:
		d.input(n)
	default:
		panic(fmt.Sprintf("no dump for %T", n))
	}
}

func (d *dumper) fill(f *FillValue) {
	d.line(f.Pos, "FillValue % x", f.Bytes)
	d.depth++
	d.expr("value", f.Value)
	d.depth--
}

func (d *dumper) input(n *InputSpec) {
	d.line(n.Pos, "InputSpec keep=%v", n.Keep)
	d.depth++
	d.line(n.File.Pos, "File %q sort=%d exclude=%v", n.File.Glob.String(), n.File.Sort, globTexts(n.File.Exclude))
	for i := range n.Patterns {
		p := &n.Patterns[i]
		d.line(p.Pos, "Section %q sort=%d exclude=%v literal=%v", p.Glob.String(), p.Sort, globTexts(p.Exclude), p.Glob.IsLiteral())
	}
	d.depth--
}

func globTexts(list []FileGlob) []string {
	var texts []string
	for i := range list {
		texts = append(texts, list[i].String())
	}
	return texts
}

func (d *dumper) expr(label string, e Expr) {
	if e != nil {
		d.line(e.Position(), "%s %s", label, tree(e))
	}
}

// tree formats e with all brackets, as (+ a (* b c)).
func tree(e Expr) string {
	switch e := e.(type) {
	case *Number:
		return fmt.Sprintf("%#x", e.Value)
	case *Symbol:
		return fmt.Sprintf("%q", e.Name)
	case *Dot:
		return "."
	case *Unary:
		return fmt.Sprintf("(%v %s)", e.Op, tree(e.X))
	case *Binary:
		return fmt.Sprintf("(%v %s %s)", e.Op, tree(e.X), tree(e.Y))
	case *Cond:
		return fmt.Sprintf("(?: %s %s %s)", tree(e.If), tree(e.Then), tree(e.Else))
	case *Call:
		parts := []string{e.Func.String()}
		if e.Name != "" {
			parts = append(parts, fmt.Sprintf("%q", e.Name))
		}
		for _, a := range e.Args {
			parts = append(parts, tree(a))
		}
		return "(" + strings.Join(parts, " ") + ")"
	}
	panic(fmt.Sprintf("no dump for %T", e))
}
