// SPDX-License-Identifier: Apache-2.0

package provenance_test

import (
	"bytes"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/execlog/execlogtest"
	"github.com/rules-hyp/rules_hyp/internal/provenance"
)

func TestGraph(t *testing.T) {
	f := sources()
	g := f.graph(t)
	if g.Target != "//p:o" || len(g.Subjects) != 1 || g.Subjects[0] != (provenance.File{Name: "p/o/hyp.o", SHA256: execlogtest.Digest("hyp")}) {
		t.Errorf("target %s, subjects %v", g.Target, g.Subjects)
	}
	kinds := map[string]string{}
	for _, d := range g.Deps {
		kinds[d.Name] = d.Kind
		if d.Package == nil && d.SHA256 != execlogtest.Digest(f[d.Name]) {
			t.Errorf("%s: SHA-256 %s", d.Name, d.SHA256)
		}
	}
	// What was only offered (p/b.h), what other targets read, parameter files and the check are not in it.
	want := map[string]string{
		"p/a.c": provenance.KindSource, "p/a.h": provenance.KindHeader, "p/hyp.lds": provenance.KindSource,
		kernel + "include/k.h": provenance.KindHeader, kernel + "packages.lock.json": provenance.KindFile,
		gcc + "cc1": provenance.KindCompiler, gcc + "include/stddef.h": provenance.KindCompiler, gcc + "packages.lock.json": provenance.KindCompiler,
		exec + "hypcc": provenance.KindTool, exec + "gcc": provenance.KindTool, exec + "hyplink": provenance.KindTool,
		"gcc-12": provenance.KindPackage, "linux-source-6.1": provenance.KindPackage,
	}
	if !maps.Equal(kinds, want) {
		t.Errorf("dependencies %v, want %v", kinds, want)
	}
	if g.Kernel == nil || g.Kernel.Version != "6.1.2-1" || g.Kernel.Repository != "_main~hyp~linux" {
		t.Errorf("kernel %+v", g.Kernel)
	}
	var mnemonics []string
	for _, s := range g.Steps {
		mnemonics = append(mnemonics, s.Mnemonic)
	}
	if !slices.Equal(mnemonics, []string{"HypCompile", "HypPrefix", "HypPartialLink"}) {
		t.Errorf("actions %v", mnemonics)
	}
	s := g.Steps[0]
	headers := []provenance.File{{Name: kernel + "include/k.h", SHA256: execlogtest.Digest("k")}, {Name: "p/a.h", SHA256: execlogtest.Digest("a")}}
	if s.Command[0] != exec+"gcc" || s.Env["LC_ALL"] != "C" || s.Headers != 2 || s.HeadersHash != provenance.DirHash(headers) || len(s.Outputs) != 1 {
		t.Errorf("%+v", s)
	}
}

// TestLinks has an input that Bazel linked or copied: what made the original is in the graph,
// by a log and by a record.
func TestLinks(t *testing.T) {
	f := sources()
	f[bin+"p/link.o"] = f[bin+"p/a.hyp.o"]
	spawns := execlogtest.Clone(f.spawns())
	spawns[2].In = f.set(bin+"p/link.o", exec+"hyplink", "p/hyp.lds")
	logged, err := f.log(t, spawns)
	g := walk(t, logged, err)
	recorded, err := f.record(t, spawns)
	if a, b := statement(t, g, provenance.Options{}), statement(t, walk(t, recorded, err), provenance.Options{}); !bytes.Equal(a, b) {
		t.Errorf("the log's statement is\n%s, the record's\n%s", a, b)
	}
	if len(g.Steps) != 3 || g.Steps[0].Mnemonic != "HypCompile" {
		t.Errorf("actions %v", g.Steps)
	}
	if !slices.ContainsFunc(g.Deps, func(d provenance.Dependency) bool {
		return d.Name == bin+"p/link.o" && d.Kind == provenance.KindGenerated
	}) {
		t.Error("the link is missing")
	}
}

// TestMappedCommands has a record of a build that maps paths: in its commands, and not in the
// names of its files.
func TestMappedCommands(t *testing.T) {
	f := sources()
	spawns := execlogtest.Clone(f.spawns())
	for i := range spawns {
		for j, word := range spawns[i].Args {
			spawns[i].Args[j] = strings.NewReplacer(bin, "bazel-out/cfg/bin/", exec, "bazel-out/cfg/bin/").Replace(word)
		}
	}
	b, err := f.record(t, spawns)
	g, plain := walk(t, b, err), f.graph(t)
	if len(g.Deps) != len(plain.Deps) || g.Steps[0].Headers != 2 || len(g.Steps[0].Outputs) != 1 {
		t.Errorf("%d dependencies, %+v", len(g.Deps), g.Steps[0])
	}
}

// TestDependencyFiles has a compile of another rule, whose compiler lists what it reads.
func TestDependencyFiles(t *testing.T) {
	const list = bin + "p/m.d"
	for _, test := range []struct{ text, want, headers string }{
		{"p/m.o: p/m.c p/a.h\n", "", "p/a.h"},
		{"p/m.o: p/m.c ./p/../p/b.h\n", "", "p/b.h"},
		{"p/m.o: p/m.c /proc/self/cwd/p/a.h \\\n /home/x/execroot/_main/p/b.h\n", "", "p/a.h p/b.h"},
		{"p/m.o: p/m.c /home/x/external/r/c.h\n", "", "external/r/c.h"},
		{"p/m.o: p/m.c\n", "", ""},
		{"p/m.o: p/m.c /usr/include/p/a.h\n", "read /usr/include/p/a.h, which is no input", ""},
		{"p/m.o: p/m.c p/new.h\n", "read p/new.h, which is no input", ""},
		{"", "the compiler did not finish it", ""},
	} {
		f := sources()
		f["p/m.c"], f[list], f[bin+"p/m.o"], f["external/r/c.h"] = "m", test.text, "m.o", "c"
		spawns := []execlogtest.Spawn{{
			Spawn: execlog.Spawn{Mnemonic: "CppCompile", Label: "//p:m", Args: []string{"gcc", "-MD", "-MF", list, "p/m.c"}},
			In:    f.set("p/m.c", "p/a.h", "p/b.h", "external/r/c.h"), Out: f.list(list, bin+"p/m.o"),
		}}
		b, err := f.record(t, spawns)
		if err != nil {
			t.Fatal(err)
		}
		g, err := provenance.Walk(b, "//p:m", []string{bin + "p/m.o"})
		if test.want != "" {
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q: %v, want %s", test.text, err, test.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		var headers []string
		for _, d := range g.Deps {
			if d.Kind == provenance.KindHeader {
				headers = append(headers, d.Name)
			}
		}
		slices.Sort(headers)
		if got := strings.Join(headers, " "); got != test.headers || g.Steps[0].Headers != len(headers) || len(g.Steps[0].Outputs) != 1 {
			t.Errorf("%q: headers %q, want %q; %+v", test.text, got, test.headers, g.Steps[0])
		}
	}
}

// TestDirHash has what `sha256sum a b | sha256sum` prints for two files with one letter.
func TestDirHash(t *testing.T) {
	files := []provenance.File{{Name: "b", SHA256: execlogtest.Digest("b")}, {Name: "a", SHA256: execlogtest.Digest("a")}}
	want := execlogtest.Digest(files[1].SHA256 + "  a\n" + files[0].SHA256 + "  b\n")
	if got := provenance.DirHash(files); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestDeterminism makes the statement and the bill of materials from a log, from one in
// another order, and from a record: the bytes are the same.
func TestDeterminism(t *testing.T) {
	f := sources()
	want := statement(t, f.graph(t), provenance.Options{})
	bom, err := provenance.SBOM(f.graph(t), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	spawns := execlogtest.Clone(f.spawns())
	slices.Reverse(spawns)
	for i := range spawns {
		slices.Reverse(spawns[i].In.Files)
	}
	reversed, err := f.log(t, spawns)
	graphs := []*provenance.Graph{walk(t, reversed, err)}
	recorded, err := f.record(t, spawns)
	graphs = append(graphs, walk(t, recorded, err))
	for i, g := range graphs {
		if got := statement(t, g, provenance.Options{}); !bytes.Equal(got, want) {
			t.Errorf("%d: the statement is\n%s, want\n%s", i, got, want)
		}
		if got, err := provenance.SBOM(g, time.Time{}); err != nil || !bytes.Equal(got, bom) {
			t.Errorf("%d: another bill of materials: %v", i, err)
		}
	}
	// Read and written again.
	s, err := provenance.Parse(provenance.Indent(want))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Amend(provenance.Options{}); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v, %s", err, got)
	}
	if got, err := provenance.SBOM(&s.Graph, time.Time{}); err != nil || !bytes.Equal(got, bom) {
		t.Errorf("another bill of materials of the statement: %v\n%s\n%s", err, got, bom)
	}
	for _, part := range []string{`"purl": "pkg:deb/debian/gcc-12@12.2.0-14%2Bx?arch=amd64"`, `"specVersion": "1.6"`, `"name": "p/o/hyp.o"`, `"serialNumber": "urn:uuid:`} {
		if !strings.Contains(string(bom), part) {
			t.Errorf("the bill of materials has no %s", part)
		}
	}
	if strings.Contains(string(bom)+string(want), "p/b.h") {
		t.Error("a header that was only offered is listed")
	}
}

// TestTime has time stamps only where somebody gives one.
func TestTime(t *testing.T) {
	g := sources().graph(t)
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	const stamp = "2030-01-02T03:04:05Z"
	bom, err := provenance.SBOM(g, at)
	if err != nil {
		t.Fatal(err)
	}
	s := statement(t, g, provenance.Options{Finished: at, SBOM: bom})
	if !strings.Contains(string(s), stamp) || !strings.Contains(string(bom), stamp) {
		t.Error("the time that is given is missing")
	}
	if strings.Contains(string(statement(t, g, provenance.Options{})), "finishedOn") {
		t.Error("a time that nobody gave")
	}
}

// TestOtherBuilds changes the build: each change is a fault with its cause and its name.
func TestOtherBuilds(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(f files, spawns []execlogtest.Spawn) []execlogtest.Spawn
		cause  string
		what   string
	}{
		{"none", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn { return s }, "", ""},
		{"another source", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			f["p/a.c"] = "int b;"
			return f.spawns()
		}, provenance.CauseChanged, "p/a.c: "},
		{"another compiler", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			f[gcc+"cc1"] = "cc2"
			return f.spawns()
		}, provenance.CauseChanged, gcc + "cc1: "},
		{"another package", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			f[gcc+"packages.lock.json"] = strings.Replace(f[gcc+"packages.lock.json"], "1111", "2222", 1)
			return f.spawns()
		}, provenance.CauseChanged, "package gcc-12 of _main~hyp~hyp_gcc: "},
		{"another version of a package", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			name := gcc + "packages.lock.json"
			changed := regexp.MustCompile(`("version": *")`).ReplaceAllString(f[name], "${1}9")
			if changed == f[name] {
				panic("no version in " + f[name])
			}
			f[name] = changed
			return f.spawns()
		}, provenance.CauseChanged, "package gcc-12 of _main~hyp~hyp_gcc: "},
		{"a header more is read", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			f[bin+"p/a.hyp.o.unused"] = ""
			return f.spawns()
		}, provenance.CauseMissing, "p/b.h: "},
		{"a header less is read", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			f[bin+"p/a.hyp.o.unused"] = "p/a.h\np/b.h\n"
			return f.spawns()
		}, provenance.CauseExtra, "p/a.h: "},
		{"another option", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			s[0].Args[5] = "-O3"
			return s
		}, provenance.CauseAction, `word 1 is "-O2" in the statement, "-O3" in the build`},
		{"another environment", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			s[0].Env[0].Value = "de"
			return s
		}, provenance.CauseAction, "its environment"},
		{"another intermediate", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			f[bin+"p/a.hyp.o"] = "other"
			return f.spawns()
		}, provenance.CauseAction, "its outputs"},
		{"another output", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			f[bin+"p/o/hyp.o"] = "other"
			return f.spawns()
		}, provenance.CauseOutput, execlogtest.Digest("other")},
		{"a source more", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			f["p/new.c"] = "new"
			s[0].In.Files = append(s[0].In.Files, f.list("p/new.c")...)
			return s
		}, provenance.CauseMissing, "p/new.c: "},
	} {
		base, err := provenance.Parse(statement(t, sources().graph(t), provenance.Options{}))
		if err != nil {
			t.Fatal(err)
		}
		f := sources()
		b, err := f.log(t, test.change(f, execlogtest.Clone(f.spawns())))
		faults := base.CompareBuild(walk(t, b, err))
		found := test.cause == "" && len(faults) == 0
		for _, fault := range faults {
			found = found || fault.Cause == test.cause && strings.Contains(fault.Detail, test.what)
		}
		if !found {
			t.Errorf("%s: %v, want %s: %s", test.name, faults, test.cause, test.what)
		}
	}
}

// TestRefusals has builds that no statement can be made of.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(f files, s []execlogtest.Spawn) []execlogtest.Spawn
		edit   func(f files)
		want   string
	}{
		{"nothing", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn { return nil }, nil, "executed nothing"},
		{"another target", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn { return s[:2] }, nil, "has no action of //p:o"},
		{"a failure", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			s[0].ExitCode = 1
			return s
		}, nil, "HypCompile of //p:a failed"},
		{"two contents", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			s[2].In.Files = append(s[2].In.Files, execlogtest.File{Path: "p/a.c", Content: "other"})
			return s
		}, nil, "p/a.c had different contents"},
		{"mapped paths", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			s[2].In.Files[0].Path = "bazel-out/cfg/bin/p/a.hyp.o"
			return s
		}, nil, "--experimental_output_paths=off"},
		{"packages without a lock", func(f files, s []execlogtest.Spawn) []execlogtest.Spawn {
			in := &s[0].In.Files
			*in = slices.DeleteFunc(*in, func(file execlogtest.File) bool { return file.Path == gcc+"packages.lock.json" })
			for _, name := range []string{gcc + "lib/x/ld-linux-x86-64.so.2", exec + "gcc.launch.json"} {
				*in = append(*in, execlogtest.File{Path: name, Content: name})
				f[name] = name
			}
			return s
		}, nil, "which packages the program is from cannot be told"},
		{"files of another build", nil, func(f files) { f[bin+"p/a.hyp.o.unused"] = "" }, "another build: "},
		{"no list of headers", nil, func(f files) { delete(f, bin+"p/a.hyp.o.unused") }, "--output_groups=+hyp_unused"},
		{"a lock of another build", nil, func(f files) { f[gcc+"packages.lock.json"] = "{}" }, "another build: "},
	} {
		f := sources()
		spawns := execlogtest.Clone(f.spawns())
		if test.change != nil {
			spawns = test.change(f, spawns)
		}
		if test.edit != nil {
			test.edit(f)
		}
		b, err := f.log(t, spawns)
		var subjects []string
		if err == nil {
			subjects, err = provenance.FindSubjects("log", b, "//p:o", nil)
		}
		if err == nil {
			_, err = provenance.Walk(b, "//p:o", subjects)
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
}

func TestTree(t *testing.T) {
	f := sources()
	s, err := provenance.Parse(statement(t, f.graph(t), provenance.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if faults, n := s.CompareTree(f.write(t)); len(faults) != 0 || n != 8 {
		t.Errorf("%v, %d files", faults, n)
	}
	external := maps.Clone(f)
	external[kernel+"include/k.h"] = "changed"
	if faults, _ := s.CompareTree(external.write(t)); len(faults) != 1 || !strings.HasPrefix(faults[0].Detail, kernel+"include/k.h: ") {
		t.Errorf("%v, want the changed header", faults)
	}
	// A source tree has no external repositories.
	maps.DeleteFunc(f, func(name, _ string) bool { return strings.HasPrefix(name, "external/") })
	if faults, n := s.CompareTree(f.write(t)); len(faults) != 0 || n != 3 {
		t.Errorf("%v, %d files", faults, n)
	}
	nothing, err := provenance.Parse(statement(t, f.withoutOwn(t), provenance.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if faults, n := nothing.CompareTree(t.TempDir()); n != 0 || len(faults) != 1 || faults[0].Cause != provenance.CauseMissing {
		t.Errorf("%v, %d files; want a fault", faults, n)
	}
	f["p/a.h"] = "changed"
	delete(f, "p/a.c")
	faults, _ := s.CompareTree(f.write(t))
	var causes []string
	for _, fault := range faults {
		causes = append(causes, fault.Cause+" "+strings.SplitN(fault.Detail, ":", 2)[0])
	}
	if !slices.Equal(causes, []string{"extra input p/a.c", "changed input p/a.h"}) {
		t.Errorf("%v", faults)
	}
}

func TestAudits(t *testing.T) {
	g := sources().graph(t)
	for report, proven := range map[string]bool{`{"proven":true,"banner":"Linux","object_sha256":"` + execlogtest.Digest("hyp") + `"}`: true, `{"proven":false,"Proven":true}`: false, `{"proven":false,"banner":"Linux","differences":[1]}`: false} {
		s, err := provenance.Parse(statement(t, g, provenance.Options{Audit: []byte(report)}))
		if err != nil || s.Audit == nil || s.Audit.Proven != proven || string(s.Audit.Report) != report {
			t.Errorf("%s: %v, %+v", report, err, s)
		}
	}
	for _, report := range []string{`{}`, `[]`, `{"proven":"yes"}`, ``} {
		if _, err := provenance.Make(g, provenance.Options{Audit: []byte(report)}); err == nil {
			t.Errorf("%q is an audit", report)
		}
	}
}

// TestMalformed changes a statement: each is a fault with its cause.
func TestMalformed(t *testing.T) {
	good := string(statement(t, sources().graph(t), provenance.Options{Audit: []byte(`{"proven":false}`)}))
	digest := execlogtest.Digest("hyp")
	for _, test := range []struct{ old, new, cause string }{
		{"", "", ""},
		{"in-toto.io/Statement/v1", "in-toto.io/Statement/v0.1", provenance.CauseStatementType},
		{"slsa.dev/provenance/v1", "slsa.dev/provenance/v0.2", provenance.CausePredicateType},
		{"attest/actions/v1", "attest/actions/v2", provenance.CauseBuildType},
		{digest, digest[1:], provenance.CauseMalformed},
		{`"sha256":"` + digest, `"sha512":"` + digest + digest, provenance.CauseMalformed},
		{`"buildDefinition"`, `"unheardOf":1,"buildDefinition"`, provenance.CauseMalformed},
		{`"_type"`, `"subject":[],"_type"`, provenance.CauseMalformed},
		{`"proven":false`, `"proven":true`, provenance.CauseMalformed},
		{`"target":"//p:o"},"internal`, `"target":"p"},"internal`, provenance.CauseMalformed},
		{`"actions":`, `"acts":`, provenance.CauseMalformed},
		{`"mnemonic"`, `"more":1,"mnemonic"`, provenance.CauseMalformed},
		{"}", "", provenance.CauseMalformed},
		{`"subject":[`, `"subject":[{"name":"p/o/hyp.o","digest":{"sha256":"` + strings.Repeat("0", 64) + `"}},`, provenance.CauseMalformed},
		{`"resolvedDependencies":[`, `"resolvedDependencies":[{"name":"p/a.c","digest":{"sha256":"` + strings.Repeat("0", 64) + `"},"annotations":{"kind":"source"}},`, provenance.CauseMalformed},
		{`"actions":[`, `"actions":[{"mnemonic":"M","outputs":{"` + bin + `p/o/hyp.o":"` + strings.Repeat("0", 64) + `"}},`, provenance.CauseMalformed},
		{`"package":"linux-source-6.1"`, `"package":"linux-source-6.12"`, provenance.CauseMalformed},
		{`"kernel":`, `"kernels":`, provenance.CauseMalformed},
		{`"kind":"source"`, `"kind":"bogus"`, provenance.CauseMalformed},
		{`"name":"p/a.c"`, `"name":"p/a.c\n"`, provenance.CauseMalformed},
		{`"kind":"source"`, `"kind":"source","repository":"elsewhere"`, provenance.CauseMalformed},
		{`"kind":"source"`, `"kind":"package"`, provenance.CauseMalformed},
		{`"command":`, `"Command":["evil"],"command":`, provenance.CauseMalformed},
	} {
		text := strings.Replace(good, test.old, test.new, 1)
		if test.old != "" && text == good {
			t.Errorf("%s is not in the statement", test.old)
		}
		_, err := provenance.Parse([]byte(text))
		var f *provenance.Fault
		if got := errors.As(err, &f); got != (test.cause != "") || got && f.Cause != test.cause {
			t.Errorf("%s -> %s: %v, want %s", test.old, test.new, err, test.cause)
		}
	}
}

func TestCanonicalLabel(t *testing.T) {
	for label, want := range map[string]string{
		"//p:o": "//p:o", "@@//p:o": "//p:o", "@//p:o": "//p:o", "p:o": "//p:o", "//a/p": "//a/p:p", "@@rules_hyp~//a:b": "@@rules_hyp~//a:b", "//:x": "//:x",
	} {
		if got := provenance.CanonicalLabel(label); got != want {
			t.Errorf("%s: %s, want %s", label, got, want)
		}
	}
}

// FuzzParse reads anything: a fault, or a statement that is written as it was read.
func FuzzParse(f *testing.F) {
	good := statement(f, sources().graph(f), provenance.Options{Audit: []byte(`{"proven":true}`)})
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte(`{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1","predicate":{}}`))
	f.Add(bytes.Replace(good, []byte(`"target":"//p:o"`), []byte(`"target":["//p:o"]`), 1))
	f.Add(bytes.Replace(good, []byte(`"actions":[`), []byte(`"actions":[null,`), 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := provenance.Parse(data)
		var fault *provenance.Fault
		if err != nil {
			if !errors.As(err, &fault) {
				t.Fatalf("%v is no fault", err)
			}
			return
		}
		again, err := s.Amend(provenance.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := provenance.Parse(again); err != nil {
			t.Errorf("%v of what was written", err)
		}
		s.CompareBuild(&s.Graph)
		s.CompareTree("/nonexistent")
	})
}
