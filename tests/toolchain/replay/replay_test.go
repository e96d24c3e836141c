// SPDX-License-Identifier: Apache-2.0

package replay_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/toolchain/replay"
)

// list returns the actions of the rule `replay` in the BUILD file.
func list(t *testing.T) []replay.Action {
	t.Helper()
	actions, err := replay.Load(os.Getenv("REPLAY"))
	if err != nil {
		t.Fatal(err)
	}
	return actions
}

// hostile are variables that would change what a compiler reads, loads or writes.
var hostile = []string{
	"PATH=/nowhere",
	"LD_PRELOAD=/nowhere/preload.so",
	"LD_LIBRARY_PATH=/nowhere",
	"GCC_EXEC_PREFIX=/nowhere/",
	"CCC_OVERRIDE_OPTIONS=# +-O0 +-DNOWHERE +--no-such-option",
	"CLANG_SPAWN_CC1=1",
	"CLANG_CONFIG_FILE_USER_DIR=/nowhere",
	"COMPILER_PATH=/nowhere",
	"CPATH=/nowhere",
	"C_INCLUDE_PATH=/nowhere",
	"DEPENDENCIES_OUTPUT=/tmp/dependencies",
	"LANG=tr_TR.UTF-8",
	"LC_ALL=tr_TR.UTF-8",
	"TZ=Pacific/Kiritimati",
	"PWD=/nowhere",
	"HOME=/nowhere",
}

// Every action runs without a compiler, C library, shell or /proc on the system and gives the same outputs as in Bazel, independent of the working
// directory and the environment.
func TestSameBytesInAnEmptyRoot(t *testing.T) {
	for _, variant := range []struct {
		name, cwd string
		env       []string
	}{
		{"shallow", "/x", nil},
		{"deep", "/another/directory/with/a/longer/name", hostile},
	} {
		t.Run(variant.name, func(t *testing.T) {
			root := t.TempDir()
			for _, action := range list(t) {
				if out, err := action.Run(root, variant.cwd, variant.env); err != nil {
					t.Fatal(err)
				} else if len(out) > 0 {
					t.Errorf("%s: printed %q", action.Mnemonic, out)
				}
				for _, output := range action.Outputs {
					got, err := os.ReadFile(filepath.Join(root, variant.cwd, output.Exec))
					if err != nil {
						t.Error(err)
						continue
					}
					want, err := output.Contents()
					if err != nil {
						t.Fatal(err)
					}
					// Only the list of headers that were not read may be empty.
					if !bytes.Equal(got, want) || len(got) == 0 && filepath.Ext(output.Exec) != ".unused" {
						t.Errorf("%s: %d bytes, which differ from the %d bytes of Bazel's output", output.Exec, len(got), len(want))
					}
					if bytes.Contains(got, []byte(root)) || bytes.Contains(got, []byte(variant.cwd+"/")) {
						t.Errorf("%s: contains the path of the working directory", output.Exec)
					}
				}
			}
			checkRoot(t, root)
		})
	}
}

// checkRoot checks that the root has no system directories and that no temporary files are left.
func checkRoot(t *testing.T, root string) {
	t.Helper()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		switch entry.Name() {
		case "bin", "etc", "lib", "lib64", "proc", "usr":
			t.Errorf("the root has /%s", entry.Name())
		}
	}
	left, err := os.ReadDir(filepath.Join(root, "tmp"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range left {
		t.Errorf("leftover file /tmp/%s", entry.Name())
	}
}

// Without one of its files the compiler fails: it does not find a replacement elsewhere.
func TestEveryProgramIsNeeded(t *testing.T) {
	programs := strings.Fields(os.Getenv("PROGRAMS"))
	if len(programs) == 0 {
		t.Fatal("PROGRAMS names none")
	}
	for _, name := range append(programs, "ld-linux-x86-64.so.2", "libc.so.6", ".launch.json") {
		missing := "/" + name
		if name == ".launch.json" {
			missing = name
		}
		t.Run(filepath.Base(missing), func(t *testing.T) {
			action := compileAction(t, ".c")
			kept := action.Inputs[:0:0]
			for _, in := range action.Inputs {
				if !strings.HasSuffix(in.Exec, missing) {
					kept = append(kept, in)
				}
			}
			if len(kept) == len(action.Inputs) {
				t.Fatalf("no input ends with %s", missing)
			}
			action.Inputs = kept
			if _, err := action.Run(t.TempDir(), "/x", nil); err == nil {
				t.Errorf("compiled without %s", missing)
			}
		})
	}
}

// A header in the host's include directories is not found.
func TestHostHeadersAreNotSearched(t *testing.T) {
	action := compileAction(t, ".c")
	root := t.TempDir()
	for _, dir := range []string{
		"usr/include", "usr/local/include", "usr/include/aarch64-linux-gnu", "usr/aarch64-linux-gnu/include",
		"usr/include/clang/14.0.6/include", "usr/include/clang/19.1.7/include",
	} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, dir, "host.h"), []byte("int host;\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	action.Argv = append(action.Argv, "-include", "host.h")
	out, err := action.Run(root, "/x", nil)
	// The words of GCC and of clang.
	if err == nil || !strings.Contains(string(out), "host.h: No such file or directory") && !strings.Contains(string(out), "'host.h' file not found") {
		t.Errorf("got %v, %q; want that host.h is not found", err, out)
	}
}

// The host's files that a packaged program would obey, whatever its options are, do not affect it: the libraries that the loader preloads into
// every program, the specs file in the directory that gcc was configured for, and clang's files with options. clang asks which distribution it runs on, and
// links in another way on some.
func TestHostFilesAreNotObeyed(t *testing.T) {
	root := t.TempDir()
	for name, content := range map[string]string{
		"etc/ld.so.preload":                            "/nowhere/preload.so\n",
		"usr/lib/gcc-cross/aarch64-linux-gnu/specs":    "*asm:\n--no-such-option\n\n",
		"usr/lib/gcc-cross/aarch64-linux-gnu/12/specs": "*asm:\n--no-such-option\n\n",
		"usr/lib/gcc-cross/aarch64-linux-gnu/14/specs": "*asm:\n--no-such-option\n\n",
		"usr/lib/gcc-cross/aarch64-linux-gnu/16/specs": "*asm:\n--no-such-option\n\n",
		"etc/clang/clang.cfg":                          "--no-such-option\n",
		"etc/os-release":                               "ID=\"opensuse\"\n",
		"etc/SuSE-release":                             "VERSION = 11\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, action := range list(t) {
		if out, err := action.Run(root, "/x", nil); err != nil || len(out) > 0 {
			t.Fatalf("%s: got %v, %q; want that it reads none of the host's files", action.Mnemonic, err, out)
		}
		for _, output := range action.Outputs {
			got, err := os.ReadFile(filepath.Join(root, "x", output.Exec))
			if err != nil {
				t.Fatal(err)
			}
			if want, err := output.Contents(); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %v; differs from Bazel's output", output.Exec, err)
			}
		}
	}
}

// compileAction returns the action that compiles a source with an extension.
func compileAction(t *testing.T, extension string) replay.Action {
	t.Helper()
	for _, action := range list(t) {
		isSource := func(arg string) bool { return filepath.Ext(arg) == extension }
		if slices.Contains(action.Argv, "-c") && slices.ContainsFunc(action.Argv, isSource) {
			return action
		}
	}
	t.Fatalf("no action compiles a %s file", extension)
	panic("unreachable")
}
