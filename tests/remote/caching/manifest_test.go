// SPDX-License-Identifier: Apache-2.0

package caching

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
)

// A package with a kernel tree as hypgen describes it, of three sources. Headers that are not in the manifest are optional ones.
const manifestBuild = `load("//rules:defs.bzl", "hyp_library", "hyp_tree")

MANIFEST = ["%s"]

hyp_tree(
    name = "tree",
    kbuild_files = ["//:.config"],
    manifest = "headers.txt",
    optional_hdrs = glob(["*/*.h"], exclude = MANIFEST),
    root = "BUILD.bazel",
)

hyp_library(
    name = "library",
    srcs = ["asks.c", "one.c", "two.c"],
    hdrs = MANIFEST,
    includes = ["first", "second"],
    target_compatible_with = ["@platforms//cpu:aarch64"],
    tree = ":tree",
)
`

// TestManifest changes the list of headers, as hypgen does after an edit. Only sources that read a header are compiled.
func TestManifest(t *testing.T) {
	w := bed.NewWorkspace(t)
	c := w.Client(t)
	// hypgen writes the manifest again and, with it, the BUILD file.
	manifest := func(headers ...string) {
		w.Write(t, "p/BUILD.bazel", fmt.Sprintf(manifestBuild, strings.Join(headers, `", "`)))
		const config = "CONFIG_A=y\n"
		w.Write(t, ".config", config)
		sum := sha256.Sum256([]byte(config))
		w.Write(t, "p/headers.txt", fmt.Sprintf("# kbuild: .config %x\n%s\n", sum[:8], strings.Join(headers, "\n")))
	}
	for name, text := range map[string]string{
		"p/one.c":           "#include <kind.h>\nint one = KIND;\n",
		"p/two.c":           "int two = 2;\n",
		"p/asks.c":          "#if __has_include(<asked.h>)\n#error\n#endif\nint asks = 1;\n",
		"p/second/kind.h":   "#define KIND 1\n",
		"p/second/other.h":  "#define OTHER 1\n",
		"p/second/late.h":   "#define LATE 3\n",
		"p/first/another.h": "#define ANOTHER 1\n",
		"p/first/spare.h":   "#define SPARE 1\n",
	} {
		w.Write(t, name, text)
	}
	w.Edit(t, "BUILD.bazel", bed.Append("\nexports_files([\".config\"])\n"))
	manifest("second/kind.h", "second/other.h")
	// A cache of its own: one of the machine has what an earlier run of this test made.
	flags := []string{"--disk_cache=", "--platforms=//platforms:linux_arm64", "--spawn_strategy=sandboxed", "--jobs=2", "--incompatible_strict_action_env"}
	build := func(t *testing.T) *bed.Build { return c.Build(t, flags, "//p:library") }
	if ran := ran(build(t).MustSucceed(t)); ran["HypCompile"] != 3 {
		t.Fatalf("the first build ran %v, want 3 compiles", ran)
	}
	// Each step starts from the one before.
	for _, step := range []struct {
		name   string
		change func()
		want   []string
	}{
		{
			"a header that exists is included", func() { w.Edit(t, "p/two.c", bed.Replace("int two = 2", "#include <late.h>\nint two = LATE")) },
			[]string{"HypCompile two.hyp.o"},
		},
		// two.c was compiled with the archive of optional headers, in which the header is no more; asks.c asks which headers there are.
		{
			"hypgen lists it", func() { manifest("second/kind.h", "second/late.h", "second/other.h") },
			[]string{"HypCompile asks.hyp.o", "HypCompile two.hyp.o", "HypHeaderArchive tree.headers.zip", "HypHeaderNames headers.names", "HypTreeCheck tree.checked"},
		},
		{
			"hypgen lists one that nothing includes", func() { manifest("first/another.h", "second/kind.h", "second/late.h", "second/other.h") },
			[]string{"HypCompile asks.hyp.o", "HypHeaderArchive tree.headers.zip", "HypHeaderNames headers.names", "HypTreeCheck tree.checked"},
		},
		{
			"a header that the manifest lists is edited", func() { w.Edit(t, "p/second/late.h", bed.Replace("3", "4")) },
			[]string{"HypCompile two.hyp.o"},
		},
		{
			"hypgen lists fewer", func() { manifest("second/kind.h", "second/late.h") },
			[]string{"HypCompile asks.hyp.o", "HypHeaderArchive tree.headers.zip", "HypHeaderNames headers.names", "HypTreeCheck tree.checked"},
		},
		// No #include finds second/b/alike.h as a/alike.h.
		{
			"headers with the last part of each other's names", func() {
				w.Write(t, "p/second/a/alike.h", "#define A 1\n")
				w.Write(t, "p/second/b/alike.h", "#define B 1\n")
				manifest("second/a/alike.h", "second/b/alike.h", "second/kind.h", "second/late.h")
			},
			[]string{"HypCompile asks.hyp.o", "HypHeaderNames headers.names", "HypTreeCheck tree.checked"},
		},
		// What first/ has now is what one.c includes: a header of the same name compiles all.
		{
			"a header with the name of another", func() { w.Write(t, "p/first/kind.h", "#define KIND 7\n") },
			[]string{"HypCompile asks.hyp.o", "HypCompile one.hyp.o", "HypCompile two.hyp.o", "HypHeaderArchive tree.headers.zip", "HypHeaderNames headers.names"},
		},
	} {
		t.Run(step.name, func(t *testing.T) {
			step.change()
			got := build(t).MustSucceed(t)
			names := slices.DeleteFunc(got.Names(), func(name string) bool { return !strings.HasPrefix(name, "Hyp") })
			slices.Sort(names)
			if !slices.Equal(names, step.want) {
				t.Errorf("ran %q, want %q", names, step.want)
			}
		})
	}
	object := c.Output(t, "p/library/one.hyp.o")
	if !strings.Contains(string(object), "\x07\x00\x00\x00") {
		t.Error("one.c was compiled with the header that the compiler finds second")
	}
	if ran := ran(build(t).MustSucceed(t)); !maps.Equal(ran, actions{}) {
		t.Errorf("without a change: ran %v", ran)
	}
	// The question gets its answer although nothing that was read has changed.
	w.Write(t, "p/first/asked.h", "")
	manifest("first/asked.h", "second/kind.h", "second/late.h")
	build(t).MustFail(t, 1, "#error")
}
