// SPDX-License-Identifier: Apache-2.0

package renametest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/tests/elfdump"
	"github.com/rules-hyp/rules_hyp/tests/program"
)

// peer is another program that does what the rename stage does.
type peer struct {
	name, program string
	verdict       func(*Case) string
}

// objcopyNames are the options that objcopy calls by another name.
var objcopyNames = map[string]string{
	"--symbol-prefix":        "--prefix-symbols",
	"--section-prefix":       "--prefix-sections",
	"--alloc-section-prefix": "--prefix-alloc-sections",
}

// objcopyArgs are a case's options as objcopy has them.
func objcopyArgs(args []string) []string {
	out := []string{"--wildcard"}
	for _, a := range args {
		name, value, _ := strings.Cut(a, "=")
		if n, ok := objcopyNames[name]; ok {
			a = n + "=" + value
		}
		out = append(out, a)
	}
	return out
}

// run runs a program in a directory and returns what it says when it fails.
func run(dir string, program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "LC_ALL=C")
	if out, err := cmd.CombinedOutput(); err != nil {
		first, _, _ := strings.Cut(string(out), "\n")
		return fmt.Errorf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, first)
	}
	return nil
}

// judge finds the verdict about a program, by what it and hyplink make of an
// object. Hyplink's result is got; it is nil after an error.
func judge(t *testing.T, p peer, readelf, in string, args []string, got *elfdump.Object) (verdict, why string) {
	t.Helper()
	want := filepath.Join(t.TempDir(), "want.o")
	if err := run(filepath.Dir(in), p.program, append(objcopyArgs(args), in, want)...); err != nil {
		return "refuses", err.Error()
	}
	if got == nil {
		return "accepts", ""
	}
	dump, err := elfdump.Read([]string{readelf}, want)
	if err != nil {
		return "differs", err.Error()
	}
	if diff, _ := elfdump.Diff(dump, got, nil); len(diff) > 0 {
		return "differs", strings.Join(diff, "\n")
	}
	return "same", ""
}

func peers(t *testing.T) []peer {
	return []peer{
		{"GNU objcopy", program.File(t, "GNU_OBJCOPY"), func(c *Case) string { return c.GNU }},
		{"llvm-objcopy", program.File(t, "LLVM_OBJCOPY"), func(c *Case) string { return c.LLVM }},
	}
}

// written writes an object and returns what readelf says of it.
func written(t *testing.T, readelf string, o *elfobj.Object) *elfdump.Object {
	t.Helper()
	path := filepath.Join(t.TempDir(), "got.o")
	if err := o.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	d, err := elfdump.Read([]string{readelf}, path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestPeers holds the verdicts of the cases to what the objcopies do.
func TestPeers(t *testing.T) {
	dir := filepath.Dir(program.File(t, "CASES"))
	readelf := program.File(t, "READELF")
	cases, err := Read(os.Getenv("CASES"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Title(), func(t *testing.T) {
			t.Parallel()
			o, err := c.Object(dir)
			if err != nil {
				t.Fatal(err)
			}
			in := filepath.Join(t.TempDir(), "in.o")
			if err := o.WriteFile(in); err != nil {
				t.Fatal(err)
			}
			var got *elfdump.Object
			if err := Apply(o, c.Args); err == nil {
				got = written(t, readelf, o)
			}
			for _, p := range peers(t) {
				if p.verdict(c) == "none" {
					continue
				}
				if verdict, why := judge(t, p, readelf, in, c.Args, got); verdict != p.verdict(c) {
					t.Errorf("%s %s, but the case says %s\n%s", p.name, verdict, p.verdict(c), why)
				}
			}
		})
	}
}

// TestAssembled does the same with objects of an assembler, which have what the
// notation of the cases cannot say: signatures and section symbols in the
// sections of groups.
func TestAssembled(t *testing.T) {
	dir := filepath.Dir(program.File(t, "CASES"))
	readelf, as := program.File(t, "READELF"), program.File(t, "AS")
	gnu := peers(t)[0]
	text, err := os.ReadFile(filepath.Join(dir, "options.txt"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) < 10 {
		t.Fatalf("%d option lines", len(lines))
	}
	sources, err := filepath.Glob(filepath.Join(dir, "*.S"))
	if err != nil || len(sources) == 0 {
		t.Fatal("no sources", err)
	}
	for _, source := range sources {
		dir := t.TempDir()
		in := filepath.Join(dir, "in.o")
		if err := run(dir, as, "-o", in, source); err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			args := strings.Fields(line)
			o, _, err := elfobj.ReadFile(in)
			if err != nil {
				t.Fatal(err)
			}
			if err := Apply(o, args); err != nil {
				t.Errorf("%s: %s: %v", filepath.Base(source), line, err)
				continue
			}
			if verdict, why := judge(t, gnu, readelf, in, args, written(t, readelf, o)); verdict != "same" {
				t.Errorf("%s: %s: GNU objcopy %s\n%s", filepath.Base(source), line, verdict, why)
			}
		}
	}
}
