// SPDX-License-Identifier: Apache-2.0

package provenance_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/execlog/execlogtest"
	"github.com/rules-hyp/rules_hyp/internal/provenance"
)

const (
	compress = "external/_main~go_deps~com_example_compress/"
	sys      = "external/_main~go_deps~org_example_sys/"
)

// moduleLock is the lock of a repository with a Go module.
func moduleLock(t testing.TB, path, version, sum, license string, removed ...string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"module": map[string]any{
		"path": path, "version": version, "sum": sum, "license_files": map[string]string{"LICENSE": license}, "removed_files": removed,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func sum(c string) string {
	return "h1:" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(c, 32)))
}

// goSources are two Go programs in archives: one has both modules, and the other has one.
// The first archive has the second by a link that Bazel made. The programs are this test, since a
// program says itself which version of Go it is of.
func goSources(t testing.TB) files {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	return files{
		compress + "packages.lock.json": moduleLock(t, "example.com/Compress", "v1.20.3+incompatible", sum("c"), provenance.MITText, "zstd/b.go"),
		sys + "packages.lock.json":      moduleLock(t, "example.org/x/sys", "v0.49.0", sum("s"), "All rights reserved, and no license."),
		compress + "zstd/a.go":          "package zstd", sys + "unix/a.go": "package unix", "p/main.go": "package main",
		bin + compress + "zstd/zstd.a": "zstd.a", bin + sys + "unix/unix.a": "unix.a", bin + "p/main.a": "main.a",
		bin + "p/one_/one": string(program), bin + "p/two_/two": string(program) + " ", bin + "p/link": string(program) + " ",
		bin + "p/o.tar.gz": "archive", bin + "p/p.tar.gz": "other", bin + "p/sources.tar.gz": "sources",
		exec + "builder": "builder", exec + "pack": "pack",
	}
}

func (f files) goSpawns() []execlogtest.Spawn {
	spawn := func(mnemonic, label string, in, out []string) execlogtest.Spawn {
		return execlogtest.Spawn{
			Spawn: execlog.Spawn{Mnemonic: mnemonic, Label: label, Args: append([]string{exec + "builder"}, out...)},
			In:    f.set(append(in, exec+"builder")...), Out: f.list(out...),
		}
	}
	return []execlogtest.Spawn{
		spawn("GoCompilePkgExternal", "@@c//zstd:zstd", []string{compress + "zstd/a.go", compress + "packages.lock.json"}, []string{bin + compress + "zstd/zstd.a"}),
		spawn("GoCompilePkgExternal", "@@s//unix:unix", []string{sys + "unix/a.go", sys + "packages.lock.json"}, []string{bin + sys + "unix/unix.a"}),
		spawn("GoCompilePkg", "//p:main", []string{"p/main.go", bin + sys + "unix/unix.a"}, []string{bin + "p/main.a"}),
		spawn("GoLink", "//p:one", []string{bin + "p/main.a", bin + compress + "zstd/zstd.a", bin + sys + "unix/unix.a"}, []string{bin + "p/one_/one"}),
		spawn("GoLink", "//p:two", []string{bin + "p/main.a", bin + sys + "unix/unix.a"}, []string{bin + "p/two_/two"}),
		spawn("Pack", "//p:o", []string{bin + "p/one_/one", bin + "p/link"}, []string{bin + "p/o.tar.gz"}),
		spawn("Pack", "//p:o", []string{bin + "p/one_/one"}, []string{bin + "p/p.tar.gz"}),
		spawn("Pack", "//p:o", []string{"p/main.go"}, []string{bin + "p/sources.tar.gz"}),
	}
}

// billOf is what a bill of materials says.
type billOf struct {
	Metadata   struct{ Component component }
	Components []component
	uses       map[string][]string
}

type component struct {
	Ref                              string `json:"bom-ref"`
	Type, Name, Version, Scope, Purl string
	Hashes                           []struct{ Alg, Content string }
	Licenses                         []struct{ License struct{ ID, Name string } }
	Properties                       []struct{ Name, Value string }
}

func (c *component) property(name string) string {
	for _, p := range c.Properties {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

func parseBill(t testing.TB, text []byte) *billOf {
	t.Helper()
	var b struct {
		billOf
		Dependencies []struct {
			Ref       string
			DependsOn []string
		}
	}
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	b.uses = map[string][]string{}
	for _, d := range b.Dependencies {
		b.uses[d.Ref] = slices.Sorted(slices.Values(d.DependsOn))
	}
	return &b.billOf
}

// TestModules has the bill of archives, two of them of Go programs: each program has the
// modules that it is linked from, and each archive its programs.
func TestModules(t *testing.T) {
	f := goSources(t)
	logged, err := f.log(t, f.goSpawns())
	g := walk(t, logged, err)
	text, err := provenance.SBOM(g, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	b := parseBill(t, text)
	const (
		compressURL = "pkg:golang/example.com/compress@v1.20.3%2Bincompatible"
		sysURL      = "pkg:golang/example.org/x/sys@v0.49.0"
	)
	stdURL := "pkg:golang/stdlib@" + strings.TrimPrefix(runtime.Version(), "go")
	one, two := "file:"+bin+"p/one_/one", "file:"+bin+"p/two_/two"
	for ref, want := range map[string][]string{
		one: {compressURL, sysURL, stdURL}, two: {sysURL, stdURL},
		"file:p/o.tar.gz": {one, two}, "file:p/p.tar.gz": {one}, "file:p/sources.tar.gz": {},
	} {
		if got := b.uses[ref]; !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%s has %q, want %q", ref, got, want)
		}
	}
	if strings.Contains(string(text), "null") {
		t.Errorf("a list is missing:\n%s", text)
	}
	if main := b.Metadata.Component; main.Name != "//p:o" || !slices.Contains(b.uses[main.Ref], "file:p/o.tar.gz") || !slices.Contains(b.uses[main.Ref], "file:p/p.tar.gz") {
		t.Errorf("a bill of %q with %q", main.Name, b.uses[main.Ref])
	}
	for _, want := range []struct{ ref, kind, name, version, license, sum, patched string }{
		{compressURL, "library", "example.com/Compress", "v1.20.3+incompatible", "MIT", sum("c"), "true"},
		{sysURL, "library", "example.org/x/sys", "v0.49.0", "NOASSERTION", sum("s"), ""},
		{stdURL, "library", "stdlib", strings.TrimPrefix(runtime.Version(), "go"), "NOASSERTION", "", ""},
	} {
		i := slices.IndexFunc(b.Components, func(c component) bool { return c.Ref == want.ref })
		if i < 0 {
			t.Errorf("no component %s", want.ref)
			continue
		}
		c := &b.Components[i]
		if c.Type != want.kind || c.Name != want.name || c.Version != want.version || c.Purl != want.ref || c.Scope != "required" || c.property("rules_hyp:go.sum") != want.sum || c.property("rules_hyp:patched") != want.patched {
			t.Errorf("%+v, want %+v", c, want)
		}
		if l := c.Licenses; len(l) != 1 || l[0].License.ID+l[0].License.Name != want.license {
			t.Errorf("%s: licenses %+v, want %s", want.ref, l, want.license)
		}
		// A hash of CycloneDX would be that of a file.
		if len(c.Hashes) != 0 {
			t.Errorf("%s: hashes %v", want.ref, c.Hashes)
		}
	}
}

// TestModulesAgain makes the same from a record, and from a statement; this has the hash as
// in-toto has it.
func TestModulesAgain(t *testing.T) {
	f := goSources(t)
	logged, err := f.log(t, f.goSpawns())
	g := walk(t, logged, err)
	want, err := provenance.SBOM(g, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := f.record(t, f.goSpawns())
	text := statement(t, walk(t, recorded, err), provenance.Options{})
	if got := statement(t, g, provenance.Options{}); string(got) != string(text) {
		t.Errorf("the log's statement is\n%s, the record's\n%s", got, text)
	}
	s, err := provenance.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := provenance.SBOM(&s.Graph, time.Time{}); err != nil || string(got) != string(want) {
		t.Errorf("%v: the statement's bill of materials is\n%s, want\n%s", err, got, want)
	}
	if got, err := s.Amend(provenance.Options{}); err != nil || string(got) != string(text) {
		t.Errorf("%v, %s", err, got)
	}
	for _, part := range []string{`"digest":{"dirHash":"` + strings.Repeat("63", 32) + `"}`, `"license":"MIT"`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the statement has no %s", part)
		}
	}
	if faults := s.CompareBuild(g); len(faults) != 0 {
		t.Errorf("%v", faults)
	}
	f[compress+"packages.lock.json"] = strings.Replace(f[compress+"packages.lock.json"], sum("c"), sum("d"), 1)
	logged, err = f.log(t, f.goSpawns())
	faults := s.CompareBuild(walk(t, logged, err))
	if !slices.ContainsFunc(faults, func(f *provenance.Fault) bool {
		return f.Cause == provenance.CauseChanged && strings.HasPrefix(f.Detail, "package example.com/Compress of ")
	}) {
		t.Errorf("%v, want another module", faults)
	}
}

// TestProgram has the bill of one program: it is what the bill is of.
func TestProgram(t *testing.T) {
	f := goSources(t)
	b, err := f.log(t, f.goSpawns())
	if err != nil {
		t.Fatal(err)
	}
	g, err := provenance.Walk(b, "//p:two", []string{bin + "p/two_/two"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := provenance.SBOM(g, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	bill := parseBill(t, text)
	main := bill.Metadata.Component
	if main.Type != "application" || len(bill.uses) != 1 || !slices.Contains(bill.uses[main.Ref], "pkg:golang/example.org/x/sys@v0.49.0") {
		t.Errorf("%+v uses %q", main, bill.uses)
	}
	if strings.Contains(string(text), "example.com/") {
		t.Error("a module that the program does not have")
	}
}

// TestUnknownModules has programs whose modules cannot be told: that is an error, and no
// shorter list.
func TestUnknownModules(t *testing.T) {
	for _, test := range []struct {
		name, want string
		change     func(f files)
	}{
		{"no lock", "one_/one: has the package @@c//zstd:zstd, and external/_main~go_deps~com_example_compress/packages.lock.json is no input", nil},
		{"no program", "one_/one: the version of Go's standard library in it cannot be told", func(f files) {
			f[bin+"p/one_/one"] = "!<arch>\n"
		}},
		{"two versions of Go", "_/one: the version of Go's standard library in it cannot be told", func(f files) {
			for _, name := range []string{bin + "p/two_/two", bin + "p/link"} {
				f[name] = strings.ReplaceAll(f[name], runtime.Version(), "go0"+runtime.Version()[3:])
			}
		}},
		{"no hash", "needs a path, a version v… and the hash", func(f files) {
			f[compress+"packages.lock.json"] = moduleLock(t, "example.com/Compress", "v1.20.3", "h1:AAAA", "")
		}},
		{"no version", "needs a path, a version v… and the hash", func(f files) {
			f[compress+"packages.lock.json"] = moduleLock(t, "example.com/Compress", "latest", sum("c"), "")
		}},
	} {
		f := goSources(t)
		if test.change != nil {
			test.change(f)
		}
		spawns := f.goSpawns()
		if test.change == nil {
			spawns[0].In = f.set(compress + "zstd/a.go")
		}
		b, err := f.log(t, spawns)
		if err != nil {
			t.Fatal(err)
		}
		g, err := provenance.Walk(b, "//p:o", []string{bin + "p/o.tar.gz"})
		if err == nil {
			_, err = provenance.SBOM(g, time.Time{})
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
}

// TestMalformedModules changes a statement with modules: each is a fault.
func TestMalformedModules(t *testing.T) {
	f := goSources(t)
	b, err := f.record(t, f.goSpawns())
	good := string(statement(t, walk(t, b, err), provenance.Options{}))
	digest := `"digest":{"dirHash":"` + strings.Repeat("63", 32) + `"}`
	for old, new := range map[string]string{
		digest:                             `"digest":{"sha256":"` + strings.Repeat("63", 32) + `"}`,
		digest + ",":                       "",
		`"version":"v0.49.0"`:              `"version":""`,
		`"name":"example.com/Compress"`:    `"name":"example.com/ Compress"`,
		`pkg:golang/example.org/x/sys@v0.`: `pkg:deb/example.org/x/sys@v0.`,
	} {
		text := strings.Replace(good, old, new, 1)
		if text == good {
			t.Errorf("%s is not in the statement", old)
		}
		if _, err := provenance.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), provenance.CauseMalformed) {
			t.Errorf("%s -> %s: %v", old, new, err)
		}
	}
}
