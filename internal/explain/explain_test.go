// SPDX-License-Identifier: Apache-2.0

package explain_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/execlog/execlogtest"
	"github.com/rules-hyp/rules_hyp/internal/explain"
	"github.com/rules-hyp/rules_hyp/internal/golden"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// faults are changes between two builds of object.
var faults = []struct {
	name   string
	change func(b *build)
}{
	{"nothing", func(*build) {}},
	{"a header of two files", func(b *build) { b.sources["include/ab.h"] = "edited" }},
	{"a source file and a flag of another", func(b *build) {
		b.sources["hyp/a.c"] = "edited"
		b.action("c.o").args[1] = "-O3"
	}},
	{"a flag of all files", func(b *build) {
		for _, name := range []string{"a.o", "b.o", "c.o"} {
			b.action(name).args[1] = "-O3"
		}
	}},
	{"flags added, with blanks and a newline", func(b *build) {
		b.action("a.o").args = []string{"gcc", "-O2", "-g", "-DTEXT=\"two words\"\n", "-DNAME=a", "-c", "hyp/a.c"}
	}},
	{"an environment variable", func(b *build) {
		for _, name := range []string{"a.o", "b.o", "c.o"} {
			b.action(name).env = []execlog.Var{{Name: "LANG", Value: "C"}, {Name: "PATH", Value: "/opt/bin:/bin"}}
		}
	}},
	{"another compiler package", func(b *build) {
		b.sources["external/gcc/bin/gcc"], b.sources["external/gcc/libexec/cc1"] = "driver 2", "compiler 2"
	}},
	{"an execution property", func(b *build) { b.action("partial.o").platform = []execlog.Var{{Name: "container-image", Value: "x"}} }},
	{"a timeout and no cache", func(b *build) { b.action("partial.o").timeout, b.action("partial.o").uncacheable = 5000, true }},
	{"the time in an output", func(b *build) { b.action("partial.o").salt = "12:34" }},
	{"a failure of the same key", func(b *build) { b.action("hyp.o").exitCode = 1 }},
	{"another file", func(b *build) {
		d := *b.action("c.o")
		d.label, d.args, d.in, d.out = "//hyp:d", []string{"gcc", "-O2", "-c", "hyp/d.c"}, []string{"hyp/d.c"}, out+"hyp/d.o"
		b.sources["hyp/d.c"] = "d"
		link := b.action("partial.o")
		link.args, link.in = append(slices.Clone(link.args), d.out), append(slices.Clone(link.in), d.out)
		b.actions = append([]action{d}, b.actions...)
	}},
	{"only what is out of date", func(b *build) {
		b.sources["hyp/b.c"] = "edited"
		b.actions = b.actions[1:]
	}},
	{"a parameter file", func(b *build) { b.sources[out+"hyp/link.params"] = "--strip" }},
	{"another configuration", func(b *build) {
		for i := range b.actions {
			a := &b.actions[i]
			for _, list := range []*[]string{&a.args, &a.in} {
				*list = slices.Clone(*list)
				for k := range *list {
					(*list)[k] = strings.ReplaceAll((*list)[k], "k8-opt", "k8-dbg")
				}
			}
			a.out = strings.ReplaceAll(a.out, "k8-opt", "k8-dbg")
		}
		b.actions[0].args[1] = "-Og"
	}},
}

// TestFaults compares what is said of each fault with testdata/faults.txt.
func TestFaults(t *testing.T) {
	var text bytes.Buffer
	for _, fault := range faults {
		first, second := object(), object()
		if fault.name == "a parameter file" {
			for _, b := range []*build{first, second} {
				b.sources[out+"hyp/link.params"] = ""
				b.action("partial.o").in = append(b.action("partial.o").in, out+"hyp/link.params")
			}
		}
		fault.change(second)
		before, after := first.run(), second.run()
		r := compare(t, before, after)
		fmt.Fprintf(&text, "== %s\n", fault.name)
		if err := r.WriteText(textline.NewWriter(&text), -1); err != nil {
			t.Error(err)
		}
		if r.Different != (fault.name != "nothing") {
			t.Errorf("%s: different: %v", fault.name, r.Different)
		}
		// The same in every pair of formats, but for what the formats are called.
		r.Logs = nil
		for _, f := range formats {
			for _, g := range formats {
				other, err := explain.Logs(read(t, "before", f.write(before)), read(t, "after", g.write(after)))
				if err != nil {
					t.Fatal(err)
				}
				if other.Logs = nil; !reflect.DeepEqual(r, other) {
					t.Errorf("%s: %s and %s:\nhave %+v\nwant %+v", fault.name, f.name, g.name, other, r)
				}
			}
		}
	}
	golden.Same(t, "faults.txt", text.Bytes())
}

// TestJSON compares the JSON report of a fault with testdata/header.json.
func TestJSON(t *testing.T) {
	second := object()
	second.sources["include/ab.h"] = "edited"
	var text bytes.Buffer
	if err := compare(t, object().run(), second.run()).WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	golden.Same(t, "header.json", text.Bytes())
	text.Reset()
	if err := compare(t, object().run(), object().run()).WriteJSON(&text); err != nil || bytes.Contains(text.Bytes(), []byte("null")) {
		t.Errorf("%v, %s", err, text.Bytes())
	}
}

// TestRandom edits sources of random builds: the causes are the edited files that an
// action needs, and what each affects is what the build says.
func TestRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		b := &build{sources: map[string]string{}}
		var paths []string
		for i := range 2 + random.IntN(6) {
			paths = append(paths, fmt.Sprint("src/", i))
			b.sources[paths[i]] = "old"
		}
		sources := slices.Clone(paths)
		for i := range 1 + random.IntN(12) {
			a := action{mnemonic: "Make", label: fmt.Sprint("//x:", i), args: []string{"make"}, out: fmt.Sprint(out, i)}
			for range 1 + random.IntN(4) {
				if in := paths[random.IntN(len(paths))]; !slices.Contains(a.in, in) {
					a.in = append(a.in, in)
				}
			}
			b.actions = append(b.actions, a)
			paths = append(paths, a.out)
		}
		before := b.run()
		affects := map[string][]bool{}
		var want []string
		for _, source := range sources {
			if random.IntN(3) > 0 {
				continue
			}
			b.sources[source] = fmt.Sprint("new ", round)
			affected := make([]bool, len(b.actions))
			dirty := map[string]bool{source: true}
			used := false
			for i, a := range b.actions {
				affected[i] = slices.ContainsFunc(a.in, func(in string) bool { return dirty[in] })
				dirty[a.out] = affected[i]
				used = used || slices.Contains(a.in, source)
			}
			if affects[source] = affected; used {
				want = append(want, source)
			}
		}
		r := compare(t, before, b.run())
		if have := names(r); !slices.Equal(have, want) {
			t.Fatalf("round %d: causes %q, want %q", round, have, want)
		}
		changed := make([]bool, len(b.actions))
		for _, source := range want {
			for i, is := range affects[source] {
				changed[i] = changed[i] || is
			}
		}
		if want := count(changed); r.Changed != want {
			t.Errorf("round %d: %d changed, want %d", round, r.Changed, want)
		}
		for _, cause := range r.Causes {
			if want := count(affects[cause.Changes[0].Name]); cause.Affected != want {
				t.Errorf("round %d: %s affects %d, want %d", round, cause.Changes[0].Name, cause.Affected, want)
			}
			for i, step := range cause.Chain {
				if i > 0 && step.Input != cause.Chain[i-1].Output {
					t.Errorf("round %d: step %+v after %+v", round, step, cause.Chain[i-1])
				}
			}
		}
	}
}

func count(list []bool) (n int) {
	for _, is := range list {
		if is {
			n++
		}
	}
	return n
}

// TestErrors has logs that cannot be compared.
func TestErrors(t *testing.T) {
	other := object()
	for i := range other.actions {
		other.actions[i].out += "2"
		other.actions[i].label += "2"
	}
	blake := bytes.ReplaceAll(execlogtest.JSON(object().run()), []byte("SHA-256"), []byte("BLAKE3"))
	for _, test := range []struct {
		name, want  string
		first, next []byte
	}{
		{
			"another build", "after: has no action in common with before: HypCompile //hyp:a2 is the first action of the one, HypCompile //hyp:a of the other; name two logs of one target",
			execlogtest.JSON(object().run()), execlogtest.JSON(other.run()),
		},
		{"nothing", "after: has no action: nothing was out of date", execlogtest.JSON(object().run()), nil},
		{"another digest function", "before: has digests of SHA-256, but after of BLAKE3, which cannot be compared", execlogtest.JSON(object().run()), blake},
	} {
		r, err := explain.Logs(read(t, "before", test.first), read(t, "after", test.next))
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v, %v, want %q", test.name, r, err, test.want)
		}
	}
}

// FuzzLogs compares a log with damaged ones.
func FuzzLogs(f *testing.F) {
	e := execlogtest.NewEntries()
	for _, s := range object().run() {
		e.Spawn(&s)
	}
	f.Add(e.Unpacked)
	before := read(f, "before", e.Pack())
	f.Fuzz(func(t *testing.T, data []byte) {
		log, err := execlog.Read("after", (&execlogtest.Entries{Unpacked: data}).Pack())
		if err != nil {
			return
		}
		after := explain.Named{Name: "after", Log: log}
		for _, pair := range [][2]explain.Named{{before, after}, {after, before}, {after, after}} {
			r, err := explain.Logs(pair[0], pair[1])
			if err != nil {
				if strings.Contains(err.Error(), "\n") {
					t.Errorf("%q", err)
				}
				continue
			}
			var text bytes.Buffer
			if err := r.WriteJSON(&text); err != nil || !json.Valid(text.Bytes()) {
				t.Errorf("%v", err)
			}
			if r.WriteText(textline.NewWriter(&text), 2); r.Changed > 0 && len(r.Causes) == 0 {
				t.Errorf("%d changed without a cause", r.Changed)
			}
			if pair[0] == pair[1] && r.Different {
				t.Errorf("a log differs from itself: %s", text.Bytes())
			}
		}
	})
}
