// SPDX-License-Identifier: Apache-2.0

package explain_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/execlog/execlogtest"
	"github.com/rules-hyp/rules_hyp/internal/explain"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// action is an action of a build that the tests execute: what comes out depends on the
// key, and on salt.
type action struct {
	mnemonic, label string
	args            []string
	env, platform   []execlog.Var
	in, tools       []string
	out             string
	salt            string
	timeout         int64
	uncacheable     bool
	exitCode        int32
}

// build is a build.
type build struct {
	sources map[string]string
	actions []action
}

const out = "bazel-out/k8-opt/bin/"

// object is a build of three files, a link and a rename.
func object() *build {
	b := &build{sources: map[string]string{
		"external/gcc/bin/gcc": "driver", "external/gcc/libexec/cc1": "compiler", "external/binutils/ld": "linker",
		"hyp/a.c": "a", "hyp/b.c": "b", "hyp/c.c": "c", "include/common.h": "common", "include/ab.h": "ab",
	}}
	for _, name := range []string{"a", "b", "c"} {
		in := []string{"hyp/" + name + ".c", "include/common.h"}
		if name != "c" {
			in = append(in, "include/ab.h")
		}
		b.actions = append(b.actions, action{
			mnemonic: "HypCompile", label: "//hyp:" + name, args: []string{"gcc", "-O2", "-DNAME=" + name, "-c", "hyp/" + name + ".c"},
			env: []execlog.Var{{Name: "PATH", Value: "/bin:/usr/bin"}}, platform: []execlog.Var{{Name: "OSFamily", Value: "linux"}},
			in: in, tools: []string{"external/gcc/bin/gcc", "external/gcc/libexec/cc1"}, out: out + "hyp/" + name + ".o",
		})
	}
	b.actions = append(b.actions,
		action{
			mnemonic: "HypPartialLink", label: "//hyp:hyp_o", args: []string{"ld", "-r", out + "hyp/a.o", out + "hyp/b.o", out + "hyp/c.o"},
			in: []string{out + "hyp/a.o", out + "hyp/b.o", out + "hyp/c.o"}, tools: []string{"external/binutils/ld"}, out: out + "hyp/partial.o",
		},
		action{mnemonic: "HypPrefix", label: "//hyp:hyp_o", args: []string{"prefix"}, in: []string{out + "hyp/partial.o"}, out: out + "hyp/hyp.o"})
	return b
}

// action returns the action with an output.
func (b *build) action(name string) *action {
	for i := range b.actions {
		if b.actions[i].out == out+"hyp/"+name {
			return &b.actions[i]
		}
	}
	panic(name)
}

// run executes the build.
func (b *build) run() []execlogtest.Spawn {
	content := map[string]string{}
	for path, text := range b.sources {
		content[path] = text
	}
	sets := map[string]*execlogtest.Set{}
	var spawns []execlogtest.Spawn
	for _, a := range b.actions {
		set := func(paths []string) *execlogtest.Set {
			// Actions with the same tools share the set.
			key := strings.Join(paths, "\n")
			if sets[key] == nil {
				sets[key] = &execlogtest.Set{}
				for _, path := range paths {
					sets[key].Files = append(sets[key].Files, execlogtest.File{Path: path, Content: content[path]})
				}
			}
			return sets[key]
		}
		in, tools := set(a.in), set(a.tools)
		result := fmt.Sprint(a.args, a.env, a.platform, in.Files, tools.Files, a.salt)
		content[a.out] = execlogtest.Digest(result)
		s := execlogtest.Spawn{
			Spawn: execlog.Spawn{
				Mnemonic: a.mnemonic, Label: a.label, Args: a.args, Env: a.env, Platform: a.platform, Runner: "linux-sandbox",
				Remotable: true, Cacheable: !a.uncacheable, RemoteCacheable: !a.uncacheable, TimeoutMillis: a.timeout, ExitCode: a.exitCode,
			},
			In: &execlogtest.Set{Sets: []*execlogtest.Set{in, tools}}, Tool: tools,
			Out: []execlogtest.File{{Path: a.out, Content: content[a.out]}},
		}
		if a.exitCode != 0 {
			s.Status, s.Listed, s.Out = "NON_ZERO_EXIT", []string{a.out}, nil
		}
		spawns = append(spawns, s)
	}
	return spawns
}

var formats = []struct {
	name  string
	write func([]execlogtest.Spawn) []byte
}{{"json", execlogtest.JSON}, {"binary", execlogtest.Binary}, {"compact", execlogtest.Compact}}

// read reads a log that was written in memory.
func read(t testing.TB, name string, data []byte) explain.Named {
	t.Helper()
	log, err := execlog.Read(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return explain.Named{Name: name, Log: log}
}

// compare explains the difference of two logs, of which the one is JSON and the other
// compact.
func compare(t testing.TB, before, after []execlogtest.Spawn) *explain.Report {
	t.Helper()
	r, err := explain.Logs(read(t, "dir/before.json", execlogtest.JSON(before)), read(t, "dir/after.zst", execlogtest.Compact(after)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func writer(w io.Writer) *textline.Writer { return textline.NewWriter(w) }

// names returns the names of all changes of a report.
func names(r *explain.Report) []string {
	var list []string
	for _, cause := range r.Causes {
		for _, change := range cause.Changes {
			list = append(list, change.Name)
		}
	}
	slices.Sort(list)
	return list
}
