// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"os"
	"testing"
)

// Only headers that share a name count, whatever the order and Bazel's configuration; a new one of a name that no other has changes nothing.
func TestNames(t *testing.T) {
	t.Chdir(t.TempDir())
	const want = "# Headers that share a name.\nb/x.h\nbazel-out/cfg/bin/a/x.h\n"
	for _, list := range [][]string{
		{"b/x.h", "bazel-out/k8-fastbuild/bin/a/x.h", "b/y.h"},
		{"bazel-out/cfg/bin/a/x.h", "b/y.h", "./b/x.h", "b/x.h", "b/z.h"},
	} {
		if err := WriteNames("out", list); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile("out"); err != nil || string(got) != want {
			t.Errorf("%q: got %q, %v; want %q", list, got, err, want)
		}
	}
	if err := WriteNames("out", []string{"a/y.h", "a/y.h", "bazel-out/one/bin/z.h", "bazel-out/two/bin/z.h"}); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile("out"); string(got) != "# Headers that share a name.\n" {
		t.Errorf("without such headers: got %q", got)
	}
}
