// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tool runs a peer from the runfiles in another working directory, with an empty environment.
func tool(t *testing.T, cwd, name string, args ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("toolchain/peers", name))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = cwd
	cmd.Env = []string{"TMPDIR=" + t.TempDir()}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func want(t *testing.T, out, part string) {
	t.Helper()
	if !strings.Contains(out, part) {
		t.Errorf("got %q, want it to contain %q", out, part)
	}
}

func TestPeersWorkAnywhere(t *testing.T) {
	source, err := filepath.Abs("tests/toolchain/hello.c")
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []struct{ compiler, linker, objcopy, readelf, producer string }{
		{"gcc", "ld", "objcopy", "readelf", "GCC: (Debian 12.2.0-14)"},
		{"clang", "ld_lld", "llvm_objcopy", "llvm_readelf", "clang version 14.0.6"},
	} {
		t.Run(set.compiler, func(t *testing.T) {
			dir := t.TempDir()
			tool(t, dir, set.compiler, "-ffreestanding", "-ffunction-sections", "-c", source, "-o", "hello.o")
			tool(t, dir, set.linker, "-r", "hello.o", "-o", "linked.o")
			tool(t, dir, set.objcopy, "--prefix-symbols=pre_", "linked.o", "prefixed.o")
			symbols := tool(t, dir, set.readelf, "-sW", "prefixed.o")
			want(t, symbols, "pre_hello_length")
			want(t, tool(t, dir, set.readelf, "-p", ".comment", "prefixed.o"), set.producer)
			want(t, tool(t, dir, "nm", "prefixed.o"), "D pre_hello_file")
			want(t, tool(t, dir, "objdump", "-d", "prefixed.o"), "<pre_hello_length>:")
		})
	}
}

// A Linux program linked with the packages' C library runs.
func TestLinuxProgramRuns(t *testing.T) {
	program, err := filepath.Abs("tests/toolchain/program")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := tool(t, t.TempDir(), "qemu_aarch64", program, "hello"), "hello on aarch64\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	want(t, tool(t, "/", "readelf", "-lW", program), "There are")
	if segments := tool(t, "/", "readelf", "-lW", program); strings.Contains(segments, "INTERP") {
		t.Errorf("the program is not static:\n%s", segments)
	}
}

// The two archives were made by actions with the tool as executable. There, its runfiles have other paths than in a toolchain's files.
func TestToolsWorkAsExecutablesOfActions(t *testing.T) {
	for _, name := range []string{"objcopy_action.out", "llvm_objcopy_action.out"} {
		archive, err := filepath.Abs(filepath.Join("tests/toolchain", name))
		if err != nil {
			t.Fatal(err)
		}
		want(t, tool(t, "/", "nm", archive), "T pre_hello_length")
	}
}

// A missing settings file gives an error with advice.
func TestMissingFilesAreNamed(t *testing.T) {
	path, err := filepath.EvalSymlinks("toolchain/peers/nm")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	alone := filepath.Join(t.TempDir(), "nm")
	if err := os.WriteFile(alone, data, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(alone, "--version")
	out, err := cmd.CombinedOutput()
	if err == nil || cmd.ProcessState.ExitCode() != 2 {
		t.Errorf("got %v, want exit code 2", err)
	}
	want(t, string(out), "nm.launch.json: no such file")
	want(t, string(out), "add the tool's files")
}
