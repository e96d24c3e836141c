package buildfile

import (
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
)

// Each file is named once, sorted.
func TestRepository(t *testing.T) {
	p := plan("a/folder/../z.c", "a/folder/b.S")
	p.Script = kbuild.Compile{Source: "a/folder/x.lds.S"}
	got := string(Repository(p, []string{"include/a.h", "include/b.h"}, "lib/list.h", "a/z.c"))
	want := `# What a/folder needs of this Linux 6.1 tree. Written by hypgen -write-repo.


package(default_visibility = ["//visibility:public"])

exports_files([
    ".config",
    "BUILD.bazel",
    "a/folder/b.S",
    "a/folder/x.lds.S",
    "a/z.c",
    "lib/list.h",
])

filegroup(
    name = "headers",
    srcs = [
        "include/a.h",
        "include/b.h",
    ],
)
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
