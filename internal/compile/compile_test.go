// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMain makes the test binary a compiler when COMPILE_TEST is set.
func TestMain(m *testing.M) {
	if mode := os.Getenv("COMPILE_TEST"); mode != "" {
		os.Exit(compiler(mode, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// compiler acts like a compiler that reads a.c and the files in the variable READS, and whose assembler reads those in ASSEMBLES.
func compiler(mode string, args []string) int {
	if slices.Equal(args, []string{"--version"}) {
		if mode != "clang" {
			os.Stdout.WriteString("gcc 99\nCopyright (C) 2099 Free Software Foundation, Inc.\n")
		}
		return 0
	}
	if mode == "fails" {
		os.Stderr.WriteString("a.c:1:1: fatal error: x/unused.h: No such file or directory\n")
		return 3
	}
	reads := os.Getenv("READS")
	// SEARCHES is a header by the paths where the compiler looks for it, in order.
	if places := strings.Fields(os.Getenv("SEARCHES")); len(places) > 0 {
		i := slices.IndexFunc(places, func(name string) bool {
			_, err := os.Stat(name)
			return err == nil
		})
		if i < 0 {
			os.Stderr.WriteString("a.c:1:1: fatal error: " + filepath.Base(places[0]) + ": No such file or directory\n")
			return 1
		}
		reads += " " + places[i]
		os.Stderr.WriteString("a.c:1:1: note: read " + places[i] + "\n")
	}
	rule := "a.o: a.c \\\n " + reads + "\n"
	switch mode {
	case "leaves nothing":
		return 0
	case "leaves nonsense":
		rule = "nothing here\n"
	}
	os.Stdout.WriteString(os.Getenv("PWD") + "\n" + strings.Join(args, " ") + "\n")
	for option, text := range map[string]string{"-MF": rule, "--MD": "a.o: " + os.Getenv("ASSEMBLES") + "\n"} {
		if i := slices.Index(args, option); i >= 0 {
			file := args[i+1]
			if file == "-Xassembler" {
				file = args[i+2]
			}
			if os.WriteFile(file, []byte(text), 0o644) != nil {
				return 1
			}
		}
	}
	// As clang's -S -fno-integrated-as: inline assembly as it is; or its -E.
	if slices.Contains(args, "-S") || slices.Contains(args, "-E") {
		if os.WriteFile(args[slices.Index(args, "-o")+1], []byte("\t"+os.Getenv("INLINE")+"\n"), 0o644) != nil {
			return 1
		}
	}
	return 0
}

// result is what a compile leaves.
type result struct {
	stdout, stderr, unused string
	err                    error
}

// runMode runs the test binary as a compiler in the mode given, in a new directory with the files given.
func runMode(t *testing.T, mode, source string, files map[string]string, environment ...string) result {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	t.Setenv("COMPILE_TEST", mode)
	for _, e := range environment {
		name, value, _ := strings.Cut(e, "=")
		t.Setenv(name, value)
	}
	for _, each := range []map[string]string{{"a.c": "int a;\n", "headers": "used.h\nunused.h\ndata.bin\n"}, files} {
		for name, text := range each {
			if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out, errs bytes.Buffer
	command := &Command{Args: []string{self, "-c", "-o", "a.o", source}, Headers: "headers", Unused: "list", Stdout: &out, Stderr: &errs}
	err = command.Run()
	unused, readErr := os.ReadFile("list")
	if (readErr == nil) != (err == nil) {
		t.Errorf("error %v, and the list of unused headers: %v", err, readErr)
	}
	if left, _ := filepath.Glob("list.*"); len(left) != 0 {
		t.Errorf("files left: %q", left)
	}
	return result{out.String(), errs.String(), string(unused), err}
}

func TestRunListsUnreadHeaders(t *testing.T) {
	for _, tt := range []struct {
		name, mode, source string
		files              map[string]string
		environment        []string
		unused             string
	}{
		{"included", "works", "a.c", nil, []string{"READS=used.h"}, "unused.h\n"},
		{"a list of the assembler", "works", "a.c", nil, []string{"ASSEMBLES=./used.h a.c"}, "unused.h\n"},
		{"temporary files of the compiler", "works", "a.c", nil, []string{"READS=used.h", "ASSEMBLES=/no/such/cc1.s"}, "unused.h\n"},
		{"absolute names", "works", "a.c", nil, []string{"READS=/proc/self/cwd/used.h"}, "unused.h\n"},
		{"no preprocessor", "works", "a.s", nil, []string{"ASSEMBLES=used.h a.s"}, "unused.h\n"},
		{"clang", "clang", "a.c", nil, []string{"READS=used.h"}, "unused.h\n"},
		{
			"clang, inline assembly", "clang", "a.c",
			map[string]string{"a.c": `asm(".include \"used" ".h\"")`, "used.h": ""},
			[]string{`INLINE=.include "used.h"`},
			"unused.h\n",
		},
		{
			"clang, assembly", "clang", "a.S",
			map[string]string{"a.S": ".include NAME", "used.h": ""},
			[]string{"READS=a.S", `INLINE=.include "used.h"`},
			"unused.h\n",
		},
		{"clang, no preprocessor", "clang", "a.s", map[string]string{"a.s": "x: .include \"used.h\"\n", "used.h": ".INCBIN \"unused.h\"", "unused.h": ""}, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := runMode(t, tt.mode, tt.source, tt.files, tt.environment...)
			if got.err != nil || got.unused != tt.unused {
				t.Errorf("unused list = %q, %v; want %q", got.unused, got.err, tt.unused)
			}
		})
	}
}

func TestRunPassesOptions(t *testing.T) {
	for _, tt := range []struct{ mode, source, want string }{
		{"works", "a.c", "-c -o a.o a.c -MD -MF list.d -Xassembler --MD -Xassembler list.as.d"},
		{"works", "a.s", "-c -o a.o a.s -Xassembler --MD -Xassembler list.as.d"},
		{"clang", "a.c", "-c -o a.o a.c -MD -MF list.d"},
		{"clang", "a.s", "-c -o a.o a.s"},
	} {
		got := runMode(t, tt.mode, tt.source, map[string]string{"a.s": ""})
		if want := "/proc/self/cwd\n" + tt.want + "\n"; got.err != nil || got.stdout != want {
			t.Errorf("%s %s: the compiler saw %q, %v; want %q", tt.mode, tt.source, got.stdout, got.err, want)
		}
	}
}

func TestRunRejectsFilesThatAreNoInputs(t *testing.T) {
	host := filepath.Join(t.TempDir(), "host.h")
	if err := os.WriteFile(host, []byte("int host;\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, mode, source string
		files              map[string]string
		environment        []string
		says               string
	}{
		{
			"#include", "works", "a.c",
			map[string]string{"a.c": "\n#include \"" + host + "\"\n"},
			[]string{"READS=" + host},
			"a.c:2: the preprocessor read " + host,
		},
		{
			"#include above the working directory", "works", "a.c",
			map[string]string{"a.c": "#include \"../../host.h\"\n"},
			[]string{"READS=../../host.h"},
			"a.c:1: the preprocessor read ../../host.h",
		},
		{
			".incbin", "works", "a.c",
			map[string]string{"a.c": "asm(\".incbin \\\"" + host + "\\\"\");\n"},
			[]string{"ASSEMBLES=" + host},
			"a.c:1: the assembler read " + host,
		},
		{".incbin, clang", "clang", "a.s", map[string]string{"a.s": "\n\n.incbin \"" + host + "\"\n"}, nil, "a.s:3: the assembler read " + host},
		{
			".incbin of a macro, clang", "clang", "a.s",
			map[string]string{"a.s": ".macro m f\n.incbin \"\\f\"\n.endm\n"},
			nil,
			"a.s:2: the operand of .incbin is made by a macro",
		},
		{
			"a name in .file that is read as well", "works", "a.s",
			map[string]string{"a.s": ".file \"" + host + "\"\n.include \"" + host + "\"\n"},
			[]string{"ASSEMBLES=a.s " + host},
			"the assembler read " + host,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := runMode(t, tt.mode, tt.source, tt.files, tt.environment...)
			if got.err == nil || !strings.HasPrefix(got.err.Error(), tt.says) && !strings.Contains(got.err.Error(), tt.says) {
				t.Errorf("got error %v; want one that says %q", got.err, tt.says)
			}
		})
	}
}

// GNU's assembler lists the operand of `.file`, which it does not read.
func TestRunAcceptsNamesOfFileDirectives(t *testing.T) {
	got := runMode(t, "works", "a.s", map[string]string{"a.s": ".file \"/etc/passwd\"\nnop\n"}, "ASSEMBLES=/etc/passwd a.s")
	if got.err != nil {
		t.Error(got.err)
	}
}

func TestRunFailuresLeaveNoList(t *testing.T) {
	const advice = "hypcc: x/unused.h: unused.h is an input of this action, but no include directory leads to it; " +
		"add its directory to includes, or include it by another path [E7012]\n"
	for _, tt := range []struct {
		mode   string
		code   int // of the compiler
		says   string
		stderr string
	}{
		{"fails", 3, "exit status 3", "a.c:1:1: fatal error: x/unused.h: No such file or directory\n" + advice},
		{"leaves nothing", 0, "no dependency file", ""},
		{"leaves nonsense", 0, "no `target:`", ""},
	} {
		t.Run(tt.mode, func(t *testing.T) {
			got := runMode(t, tt.mode, "a.c", nil)
			if got.err == nil || !strings.Contains(got.err.Error(), tt.says) {
				t.Fatalf("error %v; want one that says %q", got.err, tt.says)
			}
			var exit *exec.ExitError
			if errors.As(got.err, &exit) != (tt.code != 0) || tt.code != 0 && exit.ExitCode() != tt.code {
				t.Errorf("error %v; want exit code %d of the compiler", got.err, tt.code)
			}
			if got.stderr != tt.stderr {
				t.Errorf("standard error = %q; want %q", got.stderr, tt.stderr)
			}
		})
	}
}

func TestRunNamesACompilerThatDoesNotExist(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("headers", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	command := &Command{Args: []string{"./no-such-gcc", "a.c"}, Headers: "headers", Unused: "u", Stdout: os.Stdout, Stderr: os.Stderr}
	if err := command.Run(); err == nil || !strings.Contains(err.Error(), "no-such-gcc") {
		t.Errorf("error %v; want one that names the compiler", err)
	}
}
