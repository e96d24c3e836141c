// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
)

const (
	kernel     = "//arch/arm64/kvm/hyp:hyp_o"
	kernelFile = "arch/arm64/kvm/hyp/hyp_o/hyp.o"

	// With prebuilt tools: a compiler run for each source, and one action each for comparing the tree, undefined symbols, script, link, relocations, prefix
	// and check.
	kernelObjects = 32
	kernelActions = kernelObjects + 7
)

// wantRunners fails the test unless each action of the kernel's object had one runner.
func wantRunners(t *testing.T, build *bed.Build, runner string) {
	t.Helper()
	if got, want := build.Runners(), map[string]int{runner: kernelActions}; !maps.Equal(got, want) {
		t.Errorf("runners: got %v, want %v:\n%s", got, want, strings.Join(build.Names(), "\n"))
	}
}

// localFiles returns the files that the build of this test, which was not remote, made of the kernel's object, by their paths in bazel-bin: hyp.o and the
// objects that are linked.
func localFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range strings.Fields(os.Getenv("LOCAL")) {
		data, err := os.ReadFile(filepath.Join(os.Getenv("TEST_SRCDIR"), name))
		if err != nil {
			t.Fatal(err)
		}
		_, path, _ := strings.Cut(name, "/")
		files[path] = data
	}
	if len(files) != kernelObjects+1 || files[kernelFile] == nil {
		t.Fatalf("the local build has %d files, want hyp.o and %d objects", len(files), kernelObjects)
	}
	return files
}
