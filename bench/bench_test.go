// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newTestBench returns a benchmark with inputs and outputs in the test's temporary directory.
func newTestBench(t *testing.T) *bench {
	t.Helper()
	tools, err := findTools()
	if err != nil {
		t.Fatal(err)
	}
	return &bench{tools: tools, cache: cache{filepath.Join(t.TempDir(), "cache")}, out: t.TempDir(), runs: 1}
}

// Every contestant of a link runs on generated objects.
func TestLink(t *testing.T) {
	b := newTestBench(t)
	const objects = 3
	for _, d := range dimensions {
		if d.make != nil {
			continue // TestBackwardArchive
		}
		dir, err := b.cache.directory(d.name, d.name, func(dir string) error {
			return inParallel(objects, func(i int) error {
				return b.assemble(dir, numberedName(i), func(w *bufio.Writer) { d.write(w, i, objects, 1) })
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		c := b.linkCase(d.name, numbered(dir, objects), "")
		c.title, c.goals = "a link", []goal{faster("GNU", 1e-9), within("GNU", 1e9), smaller("LLVM", 1e9), faster("none", 1), fasterThanAll(1e-9), peakUnderLoad(1e9)}
		c.loaded = true
		results, err := b.race(c)
		if err != nil {
			t.Fatal(err)
		}
		if len(results) != 4 || c.inputBytes == 0 {
			t.Fatalf("%s: got %d results of %d bytes", d.name, len(results), c.inputBytes)
		}
		for _, r := range results {
			// Less than 1 MiB would be the memory of the runner and not of the linker.
			if r.wall <= 0 || r.fastest > r.wall || r.peak < 1<<20 || r.size == 0 {
				t.Errorf("%s: %s: got %+v", d.name, r.name, r)
			}
		}
		if text := table(c, results); strings.Count(text, "\n| ") != 5 || strings.Count(text, ": reached") != 5 {
			t.Errorf("%s: got table %s", d.name, text)
		}
	}
}

// A program that fails is left out, and the table says so; hyplink's failure is one of the benchmark. Its result is there for the others.
func TestFailingContestant(t *testing.T) {
	b := newTestBench(t)
	input := filepath.Join(t.TempDir(), "input")
	if err := os.WriteFile(input, []byte("bytes"), 0o666); err != nil {
		t.Fatal(err)
	}
	copyOf := func(input, name string) contestant {
		out := b.output("failing", name)
		return contestant{name: name, what: "a copy by " + name, out: out, argv: []string{"/bin/cp", input, out}}
	}
	own := copyOf(input, "hyplink")
	fails := contestant{name: "LLVM", what: "a program that fails", out: b.output("failing", "LLVM"), argv: []string{"/bin/false"}}
	c := &benchCase{name: "failing", title: "a copy", inputs: []string{input}, contestants: []contestant{own, fails, copyOf(own.out, "GNU")}, goals: []goal{faster("LLVM", 1)}}
	results, err := b.race(c)
	if err != nil {
		t.Fatal(err)
	}
	if text := table(c, results); len(results) != 2 || results[1].name != "GNU" || !strings.Contains(text, "- a program that fails fails on these inputs.") || strings.Contains(text, "Goal") {
		t.Errorf("got %s", text)
	}
	c.contestants = []contestant{fails, copyOf(input, "GNU")}
	if _, err := b.race(c); err == nil {
		t.Error("the first contestant may fail")
	}
}

// The members of the generated archive need each other: both linkers take all of them.
func TestBackwardArchive(t *testing.T) {
	b := newTestBench(t)
	dir := t.TempDir()
	const members = 50
	if err := b.backwardArchive(dir, members); err != nil {
		t.Fatal(err)
	}
	c := b.linkCase("backward", []string{filepath.Join(dir, "first.o"), filepath.Join(dir, "members.a")}, "")
	results, err := b.race(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		// Each member has a symbol and a call.
		if least := int64(members * (24 + 24 + 8)); r.size < least {
			t.Errorf("%s: got %d bytes, want at least %d", r.name, r.size, least)
		}
	}
}

// All pipelines run on the kernel's objects and have outputs of about the same size.
func TestNVHE(t *testing.T) {
	b := newTestBench(t)
	c, err := b.nvhe(true)
	if err != nil {
		t.Fatal(err)
	}
	results, err := b.race(c)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.failed) > 0 {
		t.Errorf("left out: %q", c.failed)
	}
	for _, r := range results {
		if difference := float64(r.size)/float64(results[0].size) - 1; math.Abs(difference) > 0.1 {
			t.Errorf("%s: got %d bytes, want about the %d of hyplink", r.name, r.size, results[0].size)
		}
	}
}

// Copies of an archive can be linked together because their symbols differ.
func TestCopiesOfArchives(t *testing.T) {
	b := newTestBench(t)
	dir := t.TempDir()
	// The size is reached within the second copy, which is completed.
	if err := b.multiply(dir, 13<<20, false); err != nil {
		t.Fatal(err)
	}
	copies, err := filepath.Glob(filepath.Join(dir, "*libm.a"))
	if err != nil || len(copies) != 2 {
		t.Fatalf("got copies %q, %v, want two", copies, err)
	}
	link := func(archives ...string) int64 {
		out := filepath.Join(dir, "out.o")
		if _, err := b.measure(b.tools.hyplink.command(append([]string{"link", "--whole-archive", "-o", out}, archives...)...)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(out)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if one, two := link(copies[0]), link(copies...); two < one*19/10 {
		t.Errorf("got %d bytes of two copies, want twice the %d of one", two, one)
	}
	if _, err := b.measure(b.tools.hyplink.command("link", "--whole-archive", "-o", filepath.Join(dir, "out.o"), copies[0], copies[0])); err == nil {
		t.Error("the same copy can be linked twice: the archive has no definitions")
	}
}

func TestPrefixArchiveErrors(t *testing.T) {
	header := strings.Repeat(" ", 48) + "99999     `\n"
	for _, text := range []string{"", "no archive", archiveMagic + "short", archiveMagic + header + "cut"} {
		if _, err := prefixArchive([]byte(text), "p_"); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

// The runner reports time and memory.
func TestMeasure(t *testing.T) {
	b := newTestBench(t)
	s, err := b.measure([]string{"/bin/sh", "-c", "sleep 0.2"})
	if err != nil || s.wall < 200*time.Millisecond || s.cpu > s.wall {
		t.Errorf("got %+v, %v, want at least 200 ms", s, err)
	}
	if _, err := b.measure([]string{"/bin/sh", "-c", "echo no good >&2; exit 3"}); err == nil || !strings.Contains(err.Error(), "no good") {
		t.Errorf("got %v, want the program's message", err)
	}
}

// The table of goals has those of all cases.
func TestGoalTable(t *testing.T) {
	c := &benchCase{inputBytes: 100, goals: []goal{faster("a", 2), fasterThanAll(2), peakOfInput(3)}}
	results := []result{{wall: 10, peak: 200}, {wall: 30}, {wall: 15}, {wall: 1}}
	results[1].name, results[3].copies = "a", true
	got := goalTable([]string{"x"}, []report{{verdicts: verdicts(c, results)}})
	for _, want := range []string{
		"| x | at least 2 × as fast as a | reached | 3.00 × |\n",
		"| x | at least 2 × as fast as the fastest other linker | **not reached** | 1.50 × |\n",
		"| x | peak memory at most 3 × the input | reached | 2.00 × |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s in it", got, want)
		}
	}
}

func TestMedian(t *testing.T) {
	value := func(s sample) int64 { return s.peak }
	if got := median([]sample{{peak: 9}, {peak: 1}, {peak: 4}}, value); got != 4 {
		t.Errorf("got %d, want 4", got)
	}
	if got := median([]sample{{peak: 9}, {peak: 1}, {peak: 4}, {peak: 6}}, value); got != 5 {
		t.Errorf("got %d, want 5", got)
	}
}

func TestExponent(t *testing.T) {
	for _, want := range []float64{0.5, 1, 2} {
		s := series{}
		for _, size := range []float64{1000, 2000, 4000, 8000} {
			s.sizes = append(s.sizes, size)
			s.seconds = append(s.seconds, 3e-6*math.Pow(size, want))
		}
		if got := s.exponent(); math.Abs(got-want) > 1e-9 {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

// A failed fill leaves nothing, and existing inputs are not made again.
func TestCache(t *testing.T) {
	c := cache{t.TempDir()}
	failure := errors.New("full")
	if _, err := c.directory("x", "1", func(string) error { return failure }); !errors.Is(err, failure) {
		t.Errorf("got %v, want %v", err, failure)
	}
	if left, err := os.ReadDir(c.dir); err != nil || len(left) != 0 {
		t.Errorf("got %v, %v, want an empty directory", left, err)
	}
	made := 0
	fill := func(dir string) error { made++; return os.WriteFile(filepath.Join(dir, "f"), nil, 0o666) }
	dir, err := c.directory("x", "1", fill)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.directory("x", "1", fill); err != nil || again != dir || made != 1 {
		t.Errorf("got %s, %v, made %d times, want %s once", again, err, made, dir)
	}
	if other, err := c.directory("x", "2", fill); err != nil || other == dir {
		t.Errorf("got %s, %v for another key", other, err)
	}
}

func TestReplaceMarked(t *testing.T) {
	const text = "a\n<!-- bench x -->\nold\n<!-- /bench x -->\nb\n"
	got, err := replaceMarked(text, "x", "new\n")
	if want := "a\n<!-- bench x -->\n\nnew\n\n<!-- /bench x -->\nb\n"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if again, err := replaceMarked(got, "x", "new\n"); err != nil || again != got {
		t.Errorf("got %q, %v the second time", again, err)
	}
	for _, bad := range []string{"", "<!-- bench x -->\n"} {
		if _, err := replaceMarked(bad, "x", "new"); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

// docs/performance.md has a place for each measurement.
func TestDocumentHasAllMarks(t *testing.T) {
	data, err := os.ReadFile("docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"goals"}
	for _, m := range measurements {
		names = append(names, m.name)
	}
	for _, name := range names {
		if _, err := replaceMarked(string(data), name, ""); err != nil {
			t.Errorf("docs/performance.md: %v", err)
		}
	}
}

// The SVG is well-formed and has all lines.
func TestDrawing(t *testing.T) {
	line := series{name: "a & b", sizes: []float64{1, 2, 4, 8}, seconds: []float64{0.1, 0.2, 0.5, 3}}
	text := drawSVG([]plot{{"one <", "u", []series{line, line}}, {"two", "u", []series{line}}, {"three", "u", []series{line}}})
	d := xml.NewDecoder(strings.NewReader(text))
	lines := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "polyline" {
			lines++
		}
	}
	if lines != 4 || strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
		t.Errorf("got %d lines in %s, want 4", lines, text)
	}
}

func TestDescribeMachine(t *testing.T) {
	text, err := describeMachine(t.TempDir())
	if err != nil || !strings.Contains(text, "processors") {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestCommandLine(t *testing.T) {
	for _, args := range [][]string{{"-case", "none"}, {"-runs", "-1"}, {"-nonsense"}, {"operand"}} {
		if code := run(args); code != 2 {
			t.Errorf("%q: got exit code %d, want 2", args, code)
		}
	}
}
