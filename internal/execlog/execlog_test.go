// SPDX-License-Identifier: Apache-2.0

package execlog_test

import (
	"cmp"
	"reflect"
	"slices"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/execlog/execlogtest"
)

// spawns are two spawns that have all that a spawn can have.
func spawns() []execlogtest.Spawn {
	shared := &execlogtest.Set{Files: []execlogtest.File{{Path: "include/a.h", Content: "a"}, {Path: "include/empty.h"}, {Path: "include/link", Target: "a.h"}}}
	tool := &execlogtest.Set{Files: []execlogtest.File{{Path: "external/gcc/bin/gcc", Content: "compiler"}}}
	return []execlogtest.Spawn{
		{
			Spawn: execlog.Spawn{
				Mnemonic: "HypCompile", Label: "//x:y", Args: []string{"gcc", "-DQ=\"<&'>\"", "", "\u00fc\U0001f600\n"},
				Env: []execlog.Var{{Name: "PATH", Value: "/bin=x"}, {Name: "EMPTY"}}, Platform: []execlog.Var{{Name: "OSFamily", Value: "linux"}},
				Runner: "disk cache hit", CacheHit: true, Remotable: true, Cacheable: true, RemoteCacheable: true, TimeoutMillis: 1500,
				Digest: execlogtest.Digest("action"), DigestSize: 147,
			},
			In: &execlogtest.Set{Files: []execlogtest.File{{Path: "x/y.c", Content: "int y;"}}, Sets: []*execlogtest.Set{shared, tool}}, Tool: tool,
			Out: []execlogtest.File{{Path: "bazel-out/k8/bin/x/y.d", Content: "y.d"}, {Path: "bazel-out/k8/bin/x/y.o", Content: "y.o"}},
		},
		{
			Spawn: execlog.Spawn{
				Mnemonic: "Genrule", Label: "//x:z", Args: []string{"false"}, Runner: "linux-sandbox", Status: "NON_ZERO_EXIT", ExitCode: -1,
				Listed: []string{"bazel-out/k8/bin/x/z"},
			},
			In: shared,
		},
	}
}

var writers = []struct {
	name   string
	format execlog.Format
	write  func(spawns []execlogtest.Spawn) []byte
}{
	{"JSON", execlog.JSON, execlogtest.JSON},
	{"binary", execlog.Binary, execlogtest.Binary},
	{"compact", execlog.Compact, execlogtest.Compact},
}

// view is what a log says of a spawn, without numbers of files and sets.
type view struct {
	execlog.Spawn
	inputs []input
	out    []execlog.File
}

type input struct {
	execlog.File
	tool bool
}

func viewOf(log *execlog.Log) []view {
	flat := execlog.NewFlattener(log)
	var views []view
	for _, s := range log.Spawns {
		v := view{Spawn: s}
		for _, in := range flat.Inputs(&s) {
			v.inputs = append(v.inputs, input{*in.File, in.Tool})
		}
		for _, id := range s.Outputs {
			v.out = append(v.out, log.Files[id])
		}
		v.Inputs, v.Tools, v.Outputs = 0, 0, nil
		views = append(views, v)
	}
	return views
}

// want is the view that a log of spawns must give.
func want(spawns []execlogtest.Spawn) []view {
	var views []view
	for _, s := range spawns {
		v := view{Spawn: s.Spawn}
		if v.Listed == nil {
			for _, f := range s.Out {
				v.Listed = append(v.Listed, f.Path)
			}
		}
		var all func(set *execlogtest.Set) []execlogtest.File
		all = func(set *execlogtest.Set) []execlogtest.File {
			if set == nil {
				return nil
			}
			files := slices.Clone(set.Files)
			for _, set := range set.Sets {
				files = append(files, all(set)...)
			}
			return files
		}
		file := func(f execlogtest.File) execlog.File {
			if f.Target != "" {
				return execlog.File{Path: f.Path, Target: f.Target}
			}
			return execlog.File{Path: f.Path, Hash: execlogtest.Digest(f.Content), Size: int64(len(f.Content))}
		}
		for _, f := range all(s.In) {
			v.inputs = append(v.inputs, input{file(f), slices.Contains(all(s.Tool), f)})
		}
		slices.SortFunc(v.inputs, func(x, y input) int { return cmp.Compare(x.Path, y.Path) })
		for _, f := range s.Out {
			v.out = append(v.out, file(f))
		}
		views = append(views, v)
	}
	return views
}

// TestFormats reads the same spawns in each format.
func TestFormats(t *testing.T) {
	for _, w := range writers {
		log, err := execlog.Read("log", w.write(spawns()))
		if err != nil {
			t.Errorf("%s: %v", w.name, err)
			continue
		}
		if log.Format != w.format || log.HashFunction != "SHA-256" {
			t.Errorf("%s: format %v, hash function %q", w.name, log.Format, log.HashFunction)
		}
		if (log.Invocation != "") != (w.format == execlog.Compact) {
			t.Errorf("%s: invocation %q", w.name, log.Invocation)
		}
		if have, want := viewOf(log), want(spawns()); !reflect.DeepEqual(have, want) {
			t.Errorf("%s:\nhave %+v\nwant %+v", w.name, have, want)
		}
	}
}

// TestShared has many spawns with nearly the same inputs: the log keeps the common
// part once, also of a format that repeats it.
func TestShared(t *testing.T) {
	headers := &execlogtest.Set{}
	for i := range 700 {
		headers.Files = append(headers.Files, execlogtest.File{Path: "include/" + string(rune('a'+i%26)) + string(rune('a'+i/26)) + ".h", Content: "h"})
	}
	slices.SortFunc(headers.Files, func(x, y execlogtest.File) int { return cmp.Compare(x.Path, y.Path) })
	var list []execlogtest.Spawn
	for i := range 50 {
		name := string(rune('a'+i%26)) + string(rune('a'+i/26))
		list = append(list, execlogtest.Spawn{
			Spawn: execlog.Spawn{Args: []string{"cc"}, Mnemonic: "Compile"},
			In:    &execlogtest.Set{Files: []execlogtest.File{{Path: "include/z" + name + ".c", Content: name}}, Sets: []*execlogtest.Set{headers}},
			Out:   []execlogtest.File{{Path: "out/" + name, Content: name}},
		})
	}
	for _, w := range writers {
		log, err := execlog.Read("log", w.write(list))
		if err != nil {
			t.Fatal(err)
		}
		references := 0
		for _, set := range log.Sets {
			references += len(set.Files) + len(set.Sets)
		}
		if have, want := viewOf(log), want(list); !reflect.DeepEqual(have, want) {
			t.Errorf("%s: other inputs than were written", w.name)
		}
		if max := 700 * 50 / 4; references > max {
			t.Errorf("%s: %d references in sets, want at most %d", w.name, references, max)
		}
	}
}

// TestEmpty has the log of a build that had nothing to do.
func TestEmpty(t *testing.T) {
	for name, data := range map[string][]byte{"nothing": nil, "newline": []byte("\n"), "compact": execlogtest.Compact(nil)} {
		log, err := execlog.Read("log", data)
		if err != nil || len(log.Spawns) != 0 {
			t.Errorf("%s: %v, %v", name, log, err)
		}
	}
}
