// SPDX-License-Identifier: Apache-2.0

package buildfile

import (
	"strings"
	"testing"

	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
)

// Each file is named once, sorted; labels are those of the package.
func TestRepository(t *testing.T) {
	p := plan("a/dir/../z.c", "a/dir/b.S")
	p.Script = kbuild.Compile{Source: "a/dir/x.lds.S"}
	o := options
	o.Manifest = "manifest"
	text, err := Repository(p, o, []string{"include/a.h", "include/b.h"}, []string{".config", "Makefile"}, "lib/list.h", "a/z.c")
	if err != nil {
		t.Fatal(err)
	}
	file, err := build.ParseBuild("BUILD.bazel", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	got := string(text)
	for _, want := range []string{
		`exports_files([
    ".config",
    "BUILD.bazel",
    "lib/list.h",
])
`, `SOURCES = [
    "a/dir/b.S",
    "a/dir/x.lds.S",
    "a/z.c",
]

PRESENT = glob(
    SOURCES,
    allow_empty = True,
)

exports_files(PRESENT)

[hyp_missing_source(name = source) for source in SOURCES if source not in PRESENT]
`, `    "hyp_missing_source",
`, `    srcs = glob(
        HEADERS,
        allow_empty = True,
    ),
`, `HEADERS = [
    "include/a.h",
    "include/b.h",
]
`, `            "arch/arm64/kvm/**/*.h",
            "include/*.h",
        ],
        exclude = HEADERS,
`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant in it\n%s", got, want)
		}
	}
	for name, want := range map[string]string{
		"headers": "glob(HEADERS,allow_empty=True,)", "kbuild_files": `glob([".config","Makefile",],allow_empty=True,)`, "sources": "SOURCES",
	} {
		rule := find(file, "filegroup", name)
		if rule == nil {
			t.Fatalf("got\n%s\nwant filegroup %s", got, name)
		}
		if srcs := strings.Join(strings.Fields(build.FormatString(rule.Attr("srcs"))), ""); srcs != want {
			t.Errorf("filegroup %s: got %s, want %s", name, srcs, want)
		}
	}
	if rule := find(file, "hyp_tree", "tree"); rule == nil || rule.AttrString("root") != ":BUILD.bazel" || rule.AttrString("manifest") != "manifest" {
		t.Errorf("got\n%s\nwant a hyp_tree of this package", got)
	}
	if rule := find(file, "hyp_library", "dir"); rule == nil || strings.Join(rule.AttrStrings("srcs"), " ") != ":a/z.c :a/dir/b.S" {
		t.Errorf("got\n%s\nwant a hyp_library of this package's sources", got)
	}
}

// find returns a rule of a BUILD file; nil if there is none.
func find(file *build.File, kind, name string) *build.Rule {
	for _, rule := range file.Rules(kind) {
		if rule.Name() == name {
			return rule
		}
	}
	return nil
}
