// SPDX-License-Identifier: Apache-2.0

package provenance_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/execlog/execlogtest"
	"github.com/rules-hyp/rules_hyp/internal/provenance"
)

const (
	bin    = "bazel-out/k8-fastbuild-ST-1/bin/"
	exec   = "bazel-out/k8-opt-exec-ST-2/bin/"
	gcc    = "external/_main~hyp~hyp_gcc/"
	kernel = "external/_main~hyp~linux/"
)

// lock is the lock of a repository with one package.
func lock(name, version string) string {
	return `{"packages":[{"name":"` + name + `","version":"` + version + `","path":"pool/main/x/` + name + `_` + version + `_amd64.deb","sha256":"` + strings.Repeat("1", 64) + `"}]}`
}

type files map[string]string

// sources are the files of a small build. a.c reads a.h, not b.h.
func sources() files {
	return files{
		"p/a.c": "int a;", "p/a.h": "a", "p/b.h": "b", "p/hyp.lds": "SECTIONS",
		kernel + "include/k.h": "k", kernel + "packages.lock.json": lock("linux-source-6.1", "6.1.2-1"),
		gcc + "cc1": "cc1", gcc + "include/stddef.h": "stddef", gcc + "packages.lock.json": lock("gcc-12", "12.2.0-14+x"),
		exec + "hypcc": "hypcc", exec + "hyplink": "hyplink", exec + "gcc": "gcc",
		bin + "p/a.hyp.o": "a.o", bin + "p/a.hyp.o.unused": "p/b.h\n", bin + "p/o/partial.o": "partial", bin + "p/o/layout.json": "{}",
		bin + "p/o/hyp.o": "hyp", bin + "p/o/check.stamp": "", bin + "p/a.params": "p/a.h\np/b.h\n", bin + "p/other.o": "other",
	}
}

func (f files) set(names ...string) *execlogtest.Set {
	s := &execlogtest.Set{}
	for _, n := range names {
		s.Files = append(s.Files, execlogtest.File{Path: n, Content: f[n]})
	}
	return s
}

func (f files) list(names ...string) []execlogtest.File { return f.set(names...).Files }

// spawns is the log of the build; the order of its inputs is not sorted.
func (f files) spawns() []execlogtest.Spawn {
	compile := []string{
		exec + "hypcc", "--unused=" + bin + "p/a.hyp.o.unused", "--headers=" + bin + "p/a.params", "--",
		exec + "gcc", "-O2", "-c", "-o", bin + "p/a.hyp.o", "p/a.c",
	}
	return []execlogtest.Spawn{
		{
			Spawn: execlog.Spawn{Mnemonic: "HypCompile", Label: "//p:a", Args: compile, Env: []execlog.Var{{Name: "LC_ALL", Value: "C"}}},
			In: f.set("p/b.h", "p/a.h", "p/a.c", bin+"p/a.params", exec+"hypcc", exec+"gcc", gcc+"cc1", gcc+"include/stddef.h",
				gcc+"packages.lock.json", kernel+"include/k.h", kernel+"packages.lock.json"),
			Out: f.list(bin+"p/a.hyp.o", bin+"p/a.hyp.o.unused"),
		},
		{
			Spawn: execlog.Spawn{Mnemonic: "HypCompile", Label: "//p:other", Args: []string{exec + "gcc", "other.c"}},
			In:    f.set("p/b.h"), Out: f.list(bin + "p/other.o"),
		},
		{
			Spawn: execlog.Spawn{Mnemonic: "HypPartialLink", Label: "//p:o", Args: []string{exec + "hyplink", "link", bin + "p/a.hyp.o"}},
			In:    f.set(bin+"p/a.hyp.o", exec+"hyplink", "p/hyp.lds"), Out: f.list(bin+"p/o/partial.o", bin+"p/o/layout.json"),
		},
		{
			Spawn: execlog.Spawn{Mnemonic: "HypPrefix", Label: "//p:o", Args: []string{exec + "hyplink", "prefix", bin + "p/o/partial.o"}},
			In:    f.set(bin+"p/o/partial.o", exec+"hyplink"), Out: f.list(bin + "p/o/hyp.o"),
		},
		{
			Spawn: execlog.Spawn{Mnemonic: "HypCheck", Label: "//p:o", Args: []string{exec + "hyplink", "check", bin + "p/o/hyp.o"}},
			In:    f.set(bin+"p/o/hyp.o", exec+"hyplink"), Out: f.list(bin + "p/o/check.stamp"),
		},
	}
}

// write writes the files below a new directory.
func (f files) write(t testing.TB) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range f {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// log returns the build as an execution log has it.
func (f files) log(t testing.TB, spawns []execlogtest.Spawn) (provenance.Build, error) {
	t.Helper()
	l, err := execlog.Read("log", execlogtest.Binary(spawns))
	if err != nil {
		t.Fatal(err)
	}
	return provenance.FromLog("log", l, f.write(t))
}

// record returns the build as the aspect records it.
func (f files) record(t testing.TB, spawns []execlogtest.Spawn) (provenance.Build, error) {
	t.Helper()
	var text []byte
	names := func(list []execlogtest.File) (out []string) {
		for _, file := range list {
			if !strings.HasSuffix(file.Path, ".params") {
				out = append(out, file.Path)
			}
		}
		return out
	}
	for _, s := range spawns {
		env := map[string]string{}
		for _, v := range s.Env {
			env[v.Name] = v.Value
		}
		line, err := json.Marshal(map[string]any{"mnemonic": s.Mnemonic, "label": "@@" + s.Label, "command": s.Args, "env": env, "inputs": names(s.In.Files), "outputs": names(s.Out)})
		if err != nil {
			t.Fatal(err)
		}
		text = append(append(text, line...), '\n')
	}
	return provenance.FromRecord("record", text, f.write(t))
}

// walk returns the graph of //p:o.
func walk(t testing.TB, b provenance.Build, err error) *provenance.Graph {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	subjects, err := provenance.FindSubjects("log", b, "//p:o", nil)
	if err != nil {
		t.Fatal(err)
	}
	g, err := provenance.Walk(b, "//p:o", subjects)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (f files) graph(t testing.TB) *provenance.Graph {
	b, err := f.log(t, f.spawns())
	return walk(t, b, err)
}

func statement(t testing.TB, g *provenance.Graph, opts provenance.Options) []byte {
	t.Helper()
	s, err := provenance.Make(g, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// withoutOwn returns the graph of a target without a file of the main repository.
func (f files) withoutOwn(t testing.TB) *provenance.Graph {
	b, err := f.log(t, []execlogtest.Spawn{{
		Spawn: execlog.Spawn{Mnemonic: "HypPrefix", Label: "//p:o", Args: []string{"hyplink"}},
		In:    f.set(exec + "hyplink"), Out: f.list(bin + "p/o/hyp.o"),
	}})
	return walk(t, b, err)
}
