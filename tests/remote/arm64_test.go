// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
	"github.com/rules-hyp/rules_hyp/tests/remote/engine"
)

// TestArm64 builds on workers of 64-bit Arm, which a machine of another kind emulates, and compares with what is built on this machine.
func TestArm64(t *testing.T) {
	emulator := runfile(t, "EMULATOR")
	b := bed.New(t, engine.BuildBoxOptions{Prefix: []string{runfile(t, "EMULATE"), emulator}, Binds: []string{emulator}})
	w := bed.NewWorkspace(t)
	w.AddTools(t, "arm64", runfile(t, "TOOLS_ARM64"))
	c := w.Client(t)
	flags := append(b.Flags(), "--extra_execution_platforms=//platforms:linux_arm64")

	t.Run("kernel", func(t *testing.T) {
		local := localFiles(t)
		build := c.Build(t, slices.Concat(flags, []string{"--output_groups=+objects"}), kernel).MustSucceed(t)
		wantRunners(t, build, bed.Remote)
		wantArm64(t, build)
		for name, want := range local {
			if got := c.Output(t, name); !bytes.Equal(got, want) {
				t.Errorf("%s: differs from that of the local build", name)
			}
		}
	})

	// Both compilers, on this machine and on the workers.
	target := []string{"--platforms=//platforms:arm64"}
	compile := func(t *testing.T, label string, options ...string) (local, remote map[string]string) {
		t.Helper()
		given := slices.Concat(target, options)
		local = outputs(c.Build(t, given, label).MustSucceed(t))
		build := c.Build(t, slices.Concat(flags, given), label).MustSucceed(t)
		wantArm64(t, build)
		return local, outputs(build)
	}
	w.Write(t, "headers/BUILD.bazel", headersPackage)
	w.Write(t, "headers/c.c", headersSource)
	w.Write(t, "headers/cxx.cc", headersSource)

	// Debug information has the paths of GCC's own headers, which the kernel does not use.
	t.Run("debug information", func(t *testing.T) {
		local, remote := compile(t, "//headers")
		for _, name := range []string{"c.o", "cxx.o"} {
			if local[name] == "" || local[name] != remote[name] {
				t.Errorf("%s: got %s from 64-bit Arm, want %s", name, remote[name], local[name])
			}
		}
	})

	// docs/toolchain.md says that this differs: a fix that Debian's cross compiler does not have.
	t.Run("stack protector", func(t *testing.T) {
		local, remote := compile(t, "//headers", "--copt=-fstack-protector-all")
		if local["c.o"] == remote["c.o"] {
			t.Error("c.o is the same from both; remove the exception from docs/toolchain.md")
		}
	})

	t.Run("the worker's own processor", func(t *testing.T) {
		w.Write(t, "native/BUILD.bazel", `cc_library(name = "native", srcs = ["c.c"], copts = ["-march=native"])`)
		w.Write(t, "native/c.c", "int f(void) { return 0; }\n")
		c.Build(t, append(flags, "--platforms=//platforms:arm64"), "//native").MustFail(t, 1, "unknown value 'native' for '-march'")
	})
}

const (
	headersPackage = `cc_library(
    name = "headers",
    srcs = ["c.c", "cxx.cc"],
    copts = ["-g3", "-ffreestanding"],
)
`
	headersSource = `#include <stddef.h>
#include <stdint.h>

uint64_t size(ptrdiff_t n) { return n + sizeof(uintptr_t); }
`
)

// outputs returns the digests of all files that a build wrote, by their names.
func outputs(build *bed.Build) map[string]string {
	digests := map[string]string{}
	for _, spawn := range build.Spawns {
		for _, output := range spawn.Outputs {
			digests[path.Base(output.Path)] = output.Digest.Hash
		}
	}
	return digests
}

// wantArm64 fails the test if an action used programs of another machine than one of 64-bit Arm: the compiler and its loader, or those of the release
// archives.
func wantArm64(t *testing.T, build *bed.Build) {
	t.Helper()
	for _, spawn := range build.Spawns {
		has := func(words ...string) bool {
			return slices.ContainsFunc(spawn.Inputs, func(input string) bool {
				return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(input, word) })
			})
		}
		if !has("linux_arm64", "ld-linux-aarch64") || has("linux_amd64", "x86") {
			t.Errorf("%s: some programs among the inputs are not those of 64-bit Arm", spawn.Name())
		}
	}
}

// runfile returns the path of a file that the test's BUILD file names by a variable.
func runfile(t *testing.T, variable string) string {
	t.Helper()
	name := filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv(variable))
	if _, err := os.Stat(name); err != nil {
		t.Fatal(err)
	}
	return name
}
