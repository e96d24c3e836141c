// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// world is an in-memory file system. Absolute paths are in its directory "abs".
type world struct {
	fstest.MapFS
	executable string
}

func name(path string) string {
	if rest, ok := strings.CutPrefix(path, "/"); ok {
		return "abs/" + rest
	}
	return path
}

func (w world) ReadFile(path string) ([]byte, error)  { return w.MapFS.ReadFile(name(path)) }
func (w world) Stat(path string) (fs.FileInfo, error) { return w.MapFS.Stat(name(path)) }
func (w world) Executable() (string, error)           { return w.executable, nil }
func (w world) Getwd() (string, error)                { return "/sandbox/7/execroot/_main", nil }

const settings = `{
	"kind": "KIND",
	"self": {"exec": "t/tool", "runfiles": "_main/t/tool"},
	"root": {"exec": "external/pkg", "runfiles": "pkg"},
	"program": "usr/bin/tool",
	"loader": "lib/ld.so",
	"libraries": ["lib", "usr/lib"],
	"args": ["--data=%ROOT%/share"]
}`

func of(kind string, files ...string) world {
	w := world{MapFS: fstest.MapFS{}}
	for _, file := range files {
		w.MapFS[name(file)] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(settings, "KIND", kind))}
	}
	return w
}

func TestRootIsFoundInEveryLayout(t *testing.T) {
	for _, test := range []struct {
		name, self string
		files, env []string
		root       string
	}{
		{
			name:  "execution root",
			self:  "bazel-out/cfg/bin/t/tool",
			files: []string{"bazel-out/cfg/bin/t/tool.launch.json", "external/pkg/lib/ld.so"},
			root:  "external/pkg",
		},
		{
			name:  "executable of an action, with nothing but its runfiles",
			self:  "bazel-out/cfg/bin/t/tool",
			files: []string{"bazel-out/cfg/bin/t/tool.runfiles/t/tool.launch.json", "bazel-out/cfg/bin/t/tool.runfiles/pkg/lib/ld.so"},
			root:  "bazel-out/cfg/bin/t/tool.runfiles/pkg",
		},
		{
			name: "the same of a program in an external repository",
			self: "/home/execroot/bazel-out/cfg/bin/external/rules_hyp+/t/tool",
			files: []string{
				"/home/execroot/bazel-out/cfg/bin/external/rules_hyp+/t/tool.runfiles/rules_hyp+/t/tool.launch.json",
				"/home/execroot/bazel-out/cfg/bin/external/rules_hyp+/t/tool.runfiles/pkg/lib/ld.so",
			},
			root: "/home/execroot/bazel-out/cfg/bin/external/rules_hyp+/t/tool.runfiles/pkg",
		},
		{
			name:  "absolute path in another working directory",
			self:  "/home/execroot/bazel-out/cfg/bin/t/tool",
			files: []string{"/home/execroot/bazel-out/cfg/bin/t/tool.launch.json", "/home/execroot/external/pkg/lib/ld.so"},
			root:  "/home/execroot/external/pkg",
		},
		{
			name:  "a test's runfiles",
			self:  "/x/test.runfiles/_main/t/tool",
			files: []string{"/x/test.runfiles/_main/t/tool.launch.json", "/x/test.runfiles/pkg/lib/ld.so"},
			root:  "/x/test.runfiles/pkg",
		},
		{
			name:  "runfiles named by the environment",
			self:  "/copy/tool",
			files: []string{"/copy/tool.launch.json", "/x/runfiles/pkg/lib/ld.so"},
			env:   []string{"RUNFILES_DIR=/x/runfiles"},
			root:  "/x/runfiles/pkg",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			cmd, err := plan([]string{test.self, "a", "b"}, test.env, of("program", test.files...))
			if err != nil {
				t.Fatal(err)
			}
			want := []string{
				test.root + "/lib/ld.so", "--inhibit-cache", "--library-path", test.root + "/lib:" + test.root + "/usr/lib",
				"--argv0", test.root + "/usr/bin/tool", test.root + "/usr/bin/tool", "--data=" + test.root + "/share", "a", "b",
			}
			if cmd.loader != want[0] || !slices.Equal(cmd.args, want) {
				t.Errorf("got %q, want %q", cmd.args, want)
			}
		})
	}
}

// The runfiles of a program may have another of the same name, for example a compiler's of another version.
func TestSettingsOfAnotherProgramAreNotRead(t *testing.T) {
	self := "bazel-out/cfg/bin/t/tool"
	_, err := plan([]string{self}, nil, of("program", self+".runfiles/u/tool.launch.json", self+".runfiles/pkg/lib/ld.so"))
	if want := self + ".launch.json: no such file, nor is it in " + self + ".runfiles; "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s…", err, want)
	}
}

func TestErrorsNameTheFile(t *testing.T) {
	for _, test := range []struct{ name, kind, root, want string }{
		{"no settings", "", "external/pkg/lib/ld.so", "tool.launch.json: no such file"},
		{"unknown kind", "script", "external/pkg/lib/ld.so", `tool.launch.json: kind: got "script", want gcc, clang or program`},
		{"no root", "program", "elsewhere/ld.so", "lib/ld.so is in none of external/pkg, "},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := of(test.kind, test.root)
			if test.kind != "" {
				w = of(test.kind, test.root, "bazel-out/cfg/bin/t/tool.launch.json")
			}
			_, err := plan([]string{"bazel-out/cfg/bin/t/tool"}, nil, w)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error that holds %q", err, test.want)
			}
		})
	}
}

// A settings file with a field that launch does not know was written by another version of it.
func TestSettingsAreStrict(t *testing.T) {
	if _, err := parseConfig([]byte(strings.Replace(strings.ReplaceAll(settings, "KIND", "gcc"), `"args"`, `"arguments"`, 1))); err == nil {
		t.Error("an unknown field was accepted")
	}
	for _, field := range []string{"external/pkg", "usr/bin/tool", "lib/ld.so", "_main/t/tool"} {
		text := strings.Replace(strings.ReplaceAll(settings, "KIND", "gcc"), `"`+field+`"`, `""`, 1)
		if _, err := parseConfig([]byte(text)); err == nil {
			t.Errorf("accepted without %s", field)
		}
	}
}

func TestNameWithoutPath(t *testing.T) {
	w := of("program", "/opt/tool.launch.json", "external/pkg/lib/ld.so")
	w.executable = "/opt/tool"
	cmd, err := plan([]string{"tool"}, nil, w)
	if err != nil {
		t.Fatal(err)
	}
	if want := "external/pkg/lib/ld.so"; cmd.loader != want {
		t.Errorf("got %q, want %q", cmd.loader, want)
	}
}

func gcc(t *testing.T, env []string, args ...string) *command {
	t.Helper()
	const self = "bazel-out/cfg/bin/t/tool"
	cmd, err := plan(append([]string{self}, args...), env, of("gcc", self+".launch.json", "external/pkg/lib/ld.so"))
	if err != nil {
		t.Fatal(err)
	}
	return cmd
}

func TestDriverOptions(t *testing.T) {
	const (
		prefixMap = "-ffile-prefix-map=/sandbox/7/execroot/_main=."
		gccMap    = "-ffile-prefix-map=external/pkg/usr/bin/../lib/gcc-cross/=gcc/"
	)
	for _, test := range []struct {
		name       string
		args       []string
		has, hasNo []string
	}{
		{"compile", []string{"-c", "a.c", "-o", "a.o"}, []string{prefixMap, gccMap, "--sysroot=external/pkg", "-no-canonical-prefixes"}, nil},
		{"compile and link", []string{"a.c", "-o", "a"}, []string{prefixMap}, nil},
		{"arguments in a file", []string{"@a.params"}, []string{prefixMap}, nil},
		{"link", []string{"a.o", "-o", "a"}, []string{"-no-canonical-prefixes"}, []string{prefixMap}},
		{"version", []string{"--version"}, nil, []string{prefixMap, gccMap}},
		{"the caller's sysroot", []string{"--sysroot=mine", "-c", "a.c"}, nil, []string{"--sysroot=external/pkg"}},
		{"the caller's sysroot as two words", []string{"--sysroot", "mine", "-c", "a.c"}, nil, []string{"--sysroot=external/pkg"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := gcc(t, nil, test.args...).args
			if tail := got[len(got)-len(test.args):]; !slices.Equal(tail, test.args) {
				t.Errorf("the caller's arguments: got %q, want %q at the end", tail, test.args)
			}
			for _, arg := range test.has {
				if !slices.Contains(got, arg) {
					t.Errorf("got %q, want %s in it", got, arg)
				}
			}
			for _, arg := range test.hasNo {
				if slices.Contains(got, arg) {
					t.Errorf("got %q, want no %s in it", got, arg)
				}
			}
		})
	}
}

func TestSubprogramsTakeTheSameWay(t *testing.T) {
	at := slices.Index(gcc(t, nil, "-c", "a.c").args, "-wrapper")
	wrapper := strings.Split(gcc(t, nil, "-c", "a.c").args[at+1], ",")
	for program, want := range map[string]string{
		"external/pkg/usr/lib/gcc/cc1":      "external/pkg/usr/lib/gcc/cc1",
		"external/pkg/usr/lib/gcc/collect2": "external/pkg/usr/aarch64-linux-gnu/bin/ld.bfd",
	} {
		got := gcc(t, nil, append(wrapper[1:], program, "-quiet")...)
		tail := []string{"--argv0", want, want, "-quiet"}
		if wrapper[0] != "bazel-out/cfg/bin/t/tool" || got.loader != "external/pkg/lib/ld.so" || !slices.Equal(got.args[4:], tail) {
			t.Errorf("%s: got %q, want it to end with %q", program, got.args, tail)
		}
	}
}

// A native compiler's headers are given to the compiler proper, with the path that they have for the cross compiler.
func TestHeaders(t *testing.T) {
	headers := []string{"-idirafter", "external/pkg/usr/bin/../lib/gcc-cross/aarch64-linux-gnu/12/include"}
	for _, test := range []struct {
		directory, program string
		args, want         []string
	}{
		{"aarch64-linux-gnu/12/include", "cc1", []string{"-quiet"}, append(slices.Clone(headers), "-quiet")},
		{"aarch64-linux-gnu/12/include", "cc1plus", []string{"-quiet"}, append(slices.Clone(headers), "-quiet")},
		{"aarch64-linux-gnu/12/include", "cc1", []string{"-nostdinc"}, []string{"-nostdinc"}},
		{"aarch64-linux-gnu/12/include", "as", []string{"-v"}, []string{"-v"}},
		{"", "cc1", []string{"-quiet"}, []string{"-quiet"}},
	} {
		if _, got := (&Config{Headers: test.directory}).subprogram("external/pkg", test.program, test.args); !slices.Equal(got, test.want) {
			t.Errorf("%s %q: got %q, want %q", test.program, test.args, got, test.want)
		}
	}
}

func TestEnvironment(t *testing.T) {
	env := []string{"PATH=/bin", "LD_PRELOAD=x", "GLIBC_TUNABLES=y", "CPATH=/usr/include", "TMPDIR=/scratch", "LC_ALL=tr_TR", "HOME=/root"}
	got := gcc(t, env, "-c", "a.c").env
	if want := []string{"LC_ALL=C", "TMPDIR=/scratch", "SOURCE_DATE_EPOCH=0"}; !slices.Equal(got, want) {
		t.Errorf("a compile: got %q, want %q", got, want)
	}
	got = gcc(t, append(env, "SOURCE_DATE_EPOCH=7"), "-c", "a.c").env
	if want := []string{"LC_ALL=C", "TMPDIR=/scratch", "SOURCE_DATE_EPOCH=7"}; !slices.Equal(got, want) {
		t.Errorf("a compile with a date: got %q, want %q", got, want)
	}
	cmd, err := plan([]string{"bazel-out/cfg/bin/t/tool"}, env, of("program", "bazel-out/cfg/bin/t/tool.launch.json", "external/pkg/lib/ld.so"))
	if err != nil {
		t.Fatal(err)
	}
	// Another program keeps its environment, without what the loader would obey.
	if want := []string{"PATH=/bin", "CPATH=/usr/include", "TMPDIR=/scratch", "LC_ALL=tr_TR", "HOME=/root"}; !slices.Equal(cmd.env, want) {
		t.Errorf("a program: got %q, want %q", cmd.env, want)
	}
}
