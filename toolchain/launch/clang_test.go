// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"testing"
	"testing/fstest"
)

const clangSelf = "bazel-out/cfg/bin/t/tool"

func clang(t *testing.T, env []string, args ...string) *command {
	t.Helper()
	w := of("clang", clangSelf+".launch.json", "external/pkg/lib/ld.so")
	w.MapFS["cc1.rsp"] = &fstest.MapFile{Data: []byte("\"-cc1as\"\n\"-triple\"\n")}
	w.MapFS["caller.params"] = &fstest.MapFile{Data: []byte("-c\na.c\n")}
	cmd, err := plan(append([]string{clangSelf}, args...), env, w)
	if err != nil {
		t.Fatal(err)
	}
	return cmd
}

// clang starts itself by its argument 0, so that is launch, which gives the driver options and its subprograms none.
func TestClangStartsThroughLaunch(t *testing.T) {
	program := []string{"--argv0", clangSelf, "external/pkg/usr/bin/tool"}
	options := []string{
		"--start-no-unused-arguments", "-no-canonical-prefixes", "-fdebug-compilation-dir=.", "-ffile-prefix-map=/sandbox/7/execroot/_main=.",
		"--data=external/pkg/share", "--end-no-unused-arguments",
	}
	for _, test := range []struct {
		name    string
		args    []string
		options []string
	}{
		{"compile", []string{"-c", "a.c", "-o", "a.o"}, options},
		{"link", []string{"a.o", "-o", "a"}, options},
		{"arguments in a file", []string{"@caller.params"}, options},
		{"a file that does not exist", []string{"@lost.params"}, options},
		{"no arguments", nil, options},
		{"compiler", []string{"-cc1", "-triple", "x"}, nil},
		{"assembler", []string{"-cc1as", "-triple", "x"}, nil},
		{"subprogram's arguments in a file", []string{"@cc1.rsp"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			cmd := clang(t, nil, test.args...)
			if want := slices.Concat(program, test.options, test.args); cmd.loader != "external/pkg/lib/ld.so" || !slices.Equal(cmd.args[4:], want) {
				t.Errorf("got %q, want it to end with %q", cmd.args, want)
			}
		})
	}
}

func TestClangEnvironment(t *testing.T) {
	env := []string{"PATH=/bin", "CCC_OVERRIDE_OPTIONS=+-O3", "CPATH=/usr/include", "TMPDIR=/scratch", "RUNFILES_DIR=/x", "PWD=/proc/self/cwd"}
	want := []string{"LC_ALL=C", "TMPDIR=/scratch", "RUNFILES_DIR=/x", "SOURCE_DATE_EPOCH=0"}
	if got := clang(t, env, "-c", "a.c").env; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// The subprogram's is the driver's.
	if got := clang(t, want, "-cc1").env; !slices.Equal(got, want) {
		t.Errorf("a subprogram: got %q, want %q", got, want)
	}
}
