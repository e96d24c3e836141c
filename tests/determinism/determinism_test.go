// SPDX-License-Identifier: Apache-2.0

// Package determinism_test links the same objects in different environments and
// compares the outputs.
package determinism_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// set is the inputs of a link.
type set struct {
	name    string
	objects []string
	script  string
	prefix  string
}

func abs(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// sets returns the links in the BUILD file.
func sets(t *testing.T) []set {
	t.Helper()
	var out []set
	for _, name := range []string{"KERNEL", "SMALL"} {
		s := set{name: strings.ToLower(name), script: abs(t, os.Getenv(name+"_SCRIPT")), prefix: "__test_"}
		for _, o := range strings.Fields(os.Getenv(name + "_OBJECTS")) {
			s.objects = append(s.objects, abs(t, o))
		}
		if len(s.objects) == 0 {
			t.Fatalf("%s_OBJECTS is not set; run this by `bazel test`", name)
		}
		out = append(out, s)
	}
	return out
}

// stage copies the inputs of a set to a new directory, under the same relative
// names for all tests.
func (s *set) stage(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	copyFile(t, s.script, dir+"/hyp.lds")
	for _, o := range s.objects {
		copyFile(t, o, dir+"/"+filepath.Base(o))
	}
	return dir
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o444); err != nil {
		t.Fatal(err)
	}
}

func (s *set) names() []string {
	var out []string
	for _, o := range s.objects {
		out = append(out, filepath.Base(o))
	}
	return out
}

// variant is an environment and a command line for a link.
type variant struct {
	env   []string
	umask int
	args  func(s *set) []string
	out   string // the output of args
}

func object(s *set) []string {
	return append([]string{"object", "--script=hyp.lds", "--hyp-relocations", "--symbol-prefix=" + s.prefix, "-o", "out.o"}, s.names()...)
}

// run links and returns the output.
func run(t *testing.T, dir string, s *set, c variant) []byte {
	t.Helper()
	if c.args == nil {
		c.args, c.out = object, "out.o"
	}
	old := syscall.Umask(c.umask)
	defer syscall.Umask(old)
	hyplink(t, dir, c.env, c.args(s)...)
	path := c.out
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func hyplink(t *testing.T, dir string, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command(abs(t, os.Getenv("HYPLINK")), args...)
	cmd.Dir = dir
	cmd.Env = append([]string{"PATH=/nowhere"}, env...)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("hyplink %s: %v\n%s", args[0], err, out)
	}
}

func TestSameBytes(t *testing.T) {
	elsewhere := t.TempDir()
	variants := map[string]variant{
		"again":       {},
		"LC_ALL":      {env: []string{"LC_ALL=tr_TR.UTF-8", "LANG=de_DE"}},
		"TZ":          {env: []string{"TZ=Asia/Kathmandu", "SOURCE_DATE_EPOCH=12345"}},
		"HOME, USER":  {env: []string{"HOME=/home/somebody", "USER=somebody", "TMPDIR=/nowhere", "PWD=/proc/self/cwd"}},
		"GOGC":        {env: []string{"GOGC=off", "GODEBUG=randautoseed=0"}},
		"umask":       {umask: 0o077},
		"output path": {args: func(s *set) []string { return replace(object(s), "out.o", elsewhere+"/a-much-longer-name.obj") }, out: elsewhere + "/a-much-longer-name.obj"},
		"option order": {out: "out.o", args: func(s *set) []string {
			return append(append([]string{"object", "-o", "out.o"}, s.names()...), "--symbol-prefix="+s.prefix, "--hyp-relocations", "--script=hyp.lds")
		}},
		"parameter file": {out: "out.o", args: func(s *set) []string {
			if err := os.WriteFile(elsewhere+"/params", []byte(strings.Join(object(s)[1:], "\n")+"\n"), 0o666); err != nil {
				panic(err)
			}
			return []string{"object", "@" + elsewhere + "/params"}
		}},
	}
	for _, n := range []int{1, 2, 3, 8, 64} {
		variants[fmt.Sprintf("GOMAXPROCS=%d", n)] = variant{env: []string{fmt.Sprintf("GOMAXPROCS=%d", n)}}
	}
	for _, s := range sets(t) {
		want := run(t, s.stage(t), &s, variant{})
		for name, c := range variants {
			t.Run(s.name+"/"+name, func(t *testing.T) {
				// Each run has another working directory.
				compare(t, want, run(t, s.stage(t), &s, c))
			})
		}
	}
}

func replace(args []string, old, new string) []string {
	for i := range args {
		if args[i] == old {
			args[i] = new
		}
	}
	return args
}

// compare fails the test if two files differ.
func compare(t *testing.T, want, got []byte) {
	t.Helper()
	if bytes.Equal(want, got) {
		return
	}
	at := 0
	for at < min(len(want), len(got)) && want[at] == got[at] {
		at++
	}
	t.Errorf("%d bytes, want %d; the first difference is at %#x", len(got), len(want), at)
}

// The output does not depend on the paths of the inputs, only on their base names,
// which are in FILE symbols.
func TestInputPaths(t *testing.T) {
	for _, s := range sets(t) {
		dir := s.stage(t)
		want := run(t, dir, &s, variant{})
		got := run(t, t.TempDir(), &s, variant{out: "out.o", args: func(s *set) []string {
			args := object(s)
			for i, a := range args {
				if strings.HasSuffix(a, ".hyp.o") || strings.HasSuffix(a, ".nvhe.o") {
					args[i] = dir + "/" + a
				} else if a == "--script=hyp.lds" {
					args[i] = "--script=" + dir + "/hyp.lds"
				}
			}
			return args
		}})
		compare(t, want, got)
	}
}

// One process for all stages writes the same output as three processes.
func TestStages(t *testing.T) {
	for _, s := range sets(t) {
		dir := s.stage(t)
		want := run(t, dir, &s, variant{})
		hyplink(t, dir, nil, append([]string{"link", "--script=hyp.lds", "-o", "1.o"}, s.names()...)...)
		hyplink(t, dir, nil, "hyprel", "-o", "2.o", "1.o")
		hyplink(t, dir, nil, "prefix", "--symbol-prefix="+s.prefix, "-o", "3.o", "2.o")
		got, err := os.ReadFile(dir + "/3.o")
		if err != nil {
			t.Fatal(err)
		}
		compare(t, want, got)
	}
}

// The map of a link is deterministic as well.
func TestMap(t *testing.T) {
	for _, s := range sets(t) {
		var want []byte
		for _, env := range [][]string{nil, {"GOMAXPROCS=1"}, {"GOMAXPROCS=8", "TZ=Asia/Kathmandu", "LC_ALL=tr_TR.UTF-8"}} {
			dir := s.stage(t)
			hyplink(t, dir, env, append([]string{"link", "--script=hyp.lds", "--map=map.json", "-o", "out.o"}, s.names()...)...)
			got, err := os.ReadFile(dir + "/map.json")
			if err != nil {
				t.Fatal(err)
			}
			if len(got) < 1000 || bytes.Contains(got, []byte(dir)) {
				t.Errorf("%s: a map of %d bytes, with the working directory in it: %v", s.name, len(got), bytes.Contains(got, []byte(dir)))
			}
			if want == nil {
				want = got
			}
			compare(t, want, got)
		}
	}
}

// The order of the inputs matters, so that the tests above can fail.
func TestOrderMatters(t *testing.T) {
	for _, s := range sets(t) {
		want := run(t, s.stage(t), &s, variant{})
		s.objects[0], s.objects[1] = s.objects[1], s.objects[0]
		if got := run(t, s.stage(t), &s, variant{}); bytes.Equal(want, got) {
			t.Errorf("%s: another order of objects gives the same output", s.name)
		}
	}
}
