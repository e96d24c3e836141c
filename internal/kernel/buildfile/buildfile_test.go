// SPDX-License-Identifier: Apache-2.0

package buildfile

import (
	"strings"
	"testing"

	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
)

var options = Options{Repository: "kernel", Rules: "//rules:defs.bzl", Name: "o", Command: "again"}

func plan(sources ...string) *kbuild.Plan {
	p := &kbuild.Plan{Dir: "a/dir", Release: "6.1"}
	for _, source := range sources {
		p.Compiles = append(p.Compiles, kbuild.Compile{Source: source, Options: []kbuild.Option{{"-O2"}, {"-DX=\"y z\""}}})
	}
	return p
}

func write(t *testing.T, p *kbuild.Plan, o Options) *build.File {
	t.Helper()
	text, err := Write(p, o)
	if err != nil {
		t.Fatal(err)
	}
	file, err := build.ParseBuild("BUILD.bazel", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if again := build.Format(file); string(again) != string(text) {
		t.Errorf("formatted again: got\n%s\nwant\n%s", again, text)
	}
	return file
}

// A directory without a partial link gives a library only.
func TestLibraryAlone(t *testing.T) {
	file := write(t, plan("a/dir/z.c", "a/dir/b.S"), options)
	if got := len(file.Rules("hyp_object")) + len(file.Rules("hyp_linker_script")); got != 0 {
		t.Errorf("got %d rules for a link, want none", got)
	}
	libraries := file.Rules("hyp_library")
	if len(libraries) != 1 || libraries[0].Name() != "dir" {
		t.Fatalf("got %v, want one hyp_library named dir", libraries)
	}
	// In kbuild's order, not sorted.
	want := "@kernel//:a/dir/z.c @kernel//:a/dir/b.S"
	if got := strings.Join(libraries[0].AttrStrings("srcs"), " "); got != want {
		t.Errorf("srcs: got %s, want %s", got, want)
	}
}

// Sources with the same base name have their paths as keys.
func TestSameBaseName(t *testing.T) {
	p := plan("a/dir/x.c", "b/x.c", "b/y.c")
	for i := range p.Compiles[:2] {
		p.Compiles[i].Options = append(p.Compiles[i].Options, kbuild.Option{"-DN=" + p.Compiles[i].Source[:1]})
	}
	text, err := Write(p, options)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"a/dir/x.c": [`, `"b/x.c": [`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("got\n%s\nwant %s in it", text, want)
		}
	}
}

func TestObject(t *testing.T) {
	p := plan("a/dir/x.c")
	p.Script = kbuild.Compile{Source: "a/dir/x.lds.S", Options: []kbuild.Option{{"-O2"}}}
	p.SymbolPrefix, p.HypRelocations = "__x_", true
	o := options
	o.Undefined, o.Exports = "u.txt", []string{"u.txt"}
	file := write(t, p, o)
	object := file.Rules("hyp_object")
	if len(object) != 1 {
		t.Fatalf("got %d hyp_object, want 1", len(object))
	}
	for attribute, want := range map[string]string{"symbol_prefix": "__x_", "linker_script": ":hyp_lds"} {
		if got := object[0].AttrString(attribute); got != want {
			t.Errorf("%s: got %q, want %q", attribute, got, want)
		}
	}
	if got := object[0].AttrLiteral("hyp_relocations"); got != "True" {
		t.Errorf("hyp_relocations: got %q, want True", got)
	}
	if got := object[0].AttrStrings("allowed_undefined"); len(got) != 1 || got[0] != "u.txt" {
		t.Errorf("allowed_undefined: got %q, want u.txt", got)
	}
	// The library's objects are checked against the same list, script and prefix.
	library := find(file, "hyp_library", "dir")
	for _, attribute := range []string{"allowed_undefined", "linker_script", "symbol_prefix"} {
		if got, want := build.FormatString(library.Attr(attribute)), build.FormatString(object[0].Attr(attribute)); got != want {
			t.Errorf("%s of the hyp_library: got %s, want %s", attribute, got, want)
		}
	}
	if got := library.AttrLiteral("check_undefined"); got != "True" {
		t.Errorf("check_undefined: got %q, want True", got)
	}
}

// Without a list, or without a link, nobody knows what a library may leave to others.
func TestUncheckedLibrary(t *testing.T) {
	p := plan("a/dir/x.c")
	o := options
	o.Undefined = "u.txt"
	if library := find(write(t, p, o), "hyp_library", "dir"); library.Attr("check_undefined") != nil || library.Attr("linker_script") != nil {
		t.Error("without a link: the hyp_library has check_undefined")
	}
	p.Script = kbuild.Compile{Source: "a/dir/x.lds.S"}
	if library := find(write(t, p, options), "hyp_library", "dir"); library.Attr("check_undefined") != nil {
		t.Error("without a list: the hyp_library has check_undefined")
	}
}

func TestUnknownSource(t *testing.T) {
	if _, err := Write(plan("a/dir/x.rs"), options); err == nil || !strings.Contains(err.Error(), "a/dir/x.rs: hypgen knows .c and .S") {
		t.Errorf("got error %v, want one that names the source", err)
	}
}

// The hypervisor of an old kernel may have the kernel's sections.
func TestKernelSections(t *testing.T) {
	for release, want := range map[string]string{"5.10.262": "*", "5.11": "*", "5.12": "", "6.1": "", "4.20": "*", "": ""} {
		p := plan("arch/arm64/kvm/hyp/nvhe/a.c")
		p.Dir, p.Release, p.Script = "arch/arm64/kvm/hyp/nvhe", release, kbuild.Compile{Source: "a.lds.S"}
		object := write(t, p, options).Rules("hyp_object")
		if len(object) != 1 || strings.Join(object[0].AttrStrings("allowed_sections"), " ") != want {
			t.Errorf("%s: got %q, want %q", release, object[0].AttrStrings("allowed_sections"), want)
		}
	}
	p := plan("a/dir/a.c")
	p.Release, p.Script = "5.10", kbuild.Compile{Source: "a.lds.S"}
	if object := write(t, p, options).Rules("hyp_object"); object[0].Attr("allowed_sections") != nil {
		t.Error("another directory: got allowed_sections")
	}
}
