// SPDX-License-Identifier: Apache-2.0

package inputs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// hypcc runs hypcc with a compiler in a directory with files, and returns the headers that were not read, and the messages.
func hypcc(t *testing.T, compiler string, files map[string]string, args ...string) (unused []string, messages string, err error) {
	t.Helper()
	program := func(name string) string {
		path, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	dir := t.TempDir()
	headers := []string{}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(name) == ".h" {
			headers = append(headers, name)
		}
	}
	slices.Sort(headers)
	if err := os.WriteFile(filepath.Join(dir, "headers"), []byte(strings.Join(headers, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	line := append([]string{"--unused=unused", "--headers=headers", "--", program(os.Getenv(strings.ToUpper(compiler)))}, args[:len(args)-1]...)
	cmd := exec.Command(program(os.Getenv("HYPCC")), append(line, "-c", "-o", "out.o", args[len(args)-1])...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if text, readErr := os.ReadFile(filepath.Join(dir, "unused")); readErr == nil {
		unused = strings.Fields(string(text))
	}
	return unused, string(out), err
}

// compilers are those that every source is compiled with.
var compilers = []string{"gcc", "clang", "clang19"}

// A header counts as read, whichever of the compiler's programs reads it.
func TestHeadersThatNoPreprocessorReads(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		args  []string
	}{
		{"#include", map[string]string{"a.c": "#include \"inc/used.h\"\n"}, nil},
		{".include in .s", map[string]string{"a.s": ".include \"inc/used.h\"\n"}, nil},
		{".include in .s, found by -I", map[string]string{"a.s": ".include \"used.h\"\n"}, []string{"-Iinc"}},
		{".incbin in .s", map[string]string{"a.s": "x: .incbin \"inc/used.h\"\n"}, nil},
		{".include in .S", map[string]string{"a.S": "#define NAME \"inc/used.h\"\n.include NAME\n"}, nil},
		{".include in a file that is included", map[string]string{"a.S": ".include \"b.inc\"\n", "b.inc": ".include \"inc/used.h\"\n"}, nil},
		{".incbin in C", map[string]string{"a.c": "#define F \"inc/used.h\"\nasm(\".incbin \\\"\" F \"\\\"\");\n"}, nil},
		{
			".incbin in a function",
			map[string]string{"a.c": "void f(void) { asm(\".pushsection .b; .incbin \\\"inc/used.h\\\"; .popsection\"); }\n"},
			[]string{"-g", "-O2"},
		},
		{"a response file", map[string]string{"a.c": "int a;\n"}, []string{"@inc/used.h"}},
	} {
		source := ""
		for name := range tt.files {
			if strings.HasPrefix(name, "a.") {
				source = name
			}
		}
		for _, compiler := range compilers {
			t.Run(compiler+" "+tt.name, func(t *testing.T) {
				files := map[string]string{"inc/used.h": "", "inc/unused.h": ""}
				for name, text := range tt.files {
					files[name] = text
				}
				unused, messages, err := hypcc(t, compiler, files, append(tt.args, source)...)
				if err != nil || messages != "" || !slices.Equal(unused, []string{"inc/unused.h"}) {
					t.Errorf("got unused %q, %v, %q; want inc/unused.h only", unused, err, messages)
				}
			})
		}
	}
}

// A file of the host is rejected, whichever program reads it.
func TestFilesOfTheHost(t *testing.T) {
	host := filepath.Join(t.TempDir(), "host.h")
	if err := os.WriteFile(host, []byte("\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, source, text, says string }{
		{"#include", "a.c", "#include \"" + host + "\"\n", "a.c:1: the preprocessor read " + host},
		{"#include in .S", "a.S", "#include \"" + host + "\"\n", "a.S:1: the preprocessor read " + host},
		{".incbin in C", "a.c", "asm(\".incbin \\\"" + host + "\\\"\");\n", "a.c:1: the assembler read " + host},
		{".incbin in .S", "a.S", "\n.incbin \"" + host + "\"\n", "a.S:2: the assembler read " + host},
		{".incbin in .s", "a.s", "\n.incbin \"" + host + "\"\n", "a.s:2: the assembler read " + host},
		{".include in .s", "a.s", "\n.include \"" + host + "\"\n", "a.s:2: the assembler read " + host},
		{".incbin above", "a.s", ".incbin \"../../../../../../../../../../../../../../.." + host + "\"\n", "a.s:1: the assembler read ../.."},
		{"the name in a macro", "a.S", ".macro m f\n.incbin \"\\f\"\n.endm\nm " + host + "\n", "a.S:"},
	} {
		for _, compiler := range compilers {
			t.Run(compiler+" "+tt.name, func(t *testing.T) {
				_, messages, err := hypcc(t, compiler, map[string]string{tt.source: tt.text}, tt.source)
				if err == nil || !strings.Contains(messages, tt.says) {
					t.Errorf("got %v, %q; want %q", err, messages, tt.says)
				}
			})
		}
	}
}

// The name of the C source in a `.s` is no file that the assembler reads.
func TestNameOfTheSource(t *testing.T) {
	for _, compiler := range compilers {
		_, messages, err := hypcc(t, compiler, map[string]string{"a.s": "\t.file \"/etc/passwd\"\n\t.file 1 \"/etc/group\"\n\tnop\n"}, "a.s")
		if err != nil || messages != "" {
			t.Errorf("%s: %v, %q", compiler, err, messages)
		}
	}
}

// A file that is missing in hdrs, or in no include directory.
func TestAdvice(t *testing.T) {
	for _, tt := range []struct{ source, text, says string }{
		{"a.c", "#include \"lost.h\"\n", "hypcc: lost.h: not an input of this action; add the file to hdrs"},
		{"a.c", "#include \"there.h\"\n", "hypcc: there.h: inc/there.h is an input of this action, but no include directory leads to it"},
		{"a.s", ".incbin \"lost.bin\"\n", "hypcc: lost.bin: not an input of this action; add the file to hdrs (for .incbin, to additional_compiler_inputs)"},
		{"a.s", ".include \"lost.h\"\n", "hypcc: lost.h: not an input of this action"},
	} {
		for _, compiler := range compilers {
			_, messages, err := hypcc(t, compiler, map[string]string{tt.source: tt.text, "inc/there.h": ""}, tt.source)
			if err == nil || !strings.Contains(messages, tt.says) {
				t.Errorf("%s %q: got %v, %q; want %q", compiler, tt.text, err, messages, tt.says)
			}
		}
	}
}
