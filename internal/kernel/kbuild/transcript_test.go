// SPDX-License-Identifier: Apache-2.0

package kbuild

import (
	"reflect"
	"strings"
	"testing"
)

func TestProgram(t *testing.T) {
	for command, want := range map[string]string{
		"aarch64-linux-gnu-gcc":       "gcc",
		"/usr/bin/gcc-12":             "gcc",
		"aarch64-linux-gnu-gcc-12.2":  "gcc",
		"clang-14":                    "clang",
		"clang":                       "clang",
		"ld.lld-14":                   "ld.lld",
		"aarch64-linux-gnu-ld":        "ld",
		"aarch64-linux-gnu-ld.bfd":    "ld.bfd",
		"llvm-objcopy-14":             "objcopy",
		"aarch64-linux-gnu-objcopy":   "objcopy",
		"arch/arm64/kvm/gen-hyprel":   "gen-hyprel",
		"scripts/basic/fixdep":        "fixdep",
		"/src/scripts/gen-ld-version": "gen-ld-version",
		"llvm-nm":                     "nm",
	} {
		if got := Program(command); got != want {
			t.Errorf("Program(%q) = %q, want %q", command, got, want)
		}
	}
}

func TestFromDryRun(t *testing.T) {
	text := strings.Join([]string{
		"this is (no shell text, and is about other things",
		"cc -c -o other/a.o /src/linux/other/a.c",
		"set -e; echo 'cc -o f/a.o'; cc -I/src/linux/include -c -o f/a.o /src/linux/f/a.c; fixdep f/.a.o.d f/a.o",
		"if nm f/a.o | grep -q x; then cc -E /src/linux/f/a.c > f/a.symtypes; fi",
		"gen f/a.o > f/b.S",
	}, "\n")
	transcript, err := FromDryRun(text, "f", "/src/linux", "6.1")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, command := range transcript.Commands {
		got = append(got, strings.Join(command.Words, " "))
	}
	want := []string{"cc -I$(srctree)/include -c -o f/a.o $(srctree)/f/a.c", "gen f/a.o"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if transcript.Commands[1].Output != "f/b.S" {
		t.Errorf("got output %q, want f/b.S", transcript.Commands[1].Output)
	}
}

// Of a root that is also a part of other paths, only what is a path from it is replaced.
func TestNormalize(t *testing.T) {
	for word, want := range map[string]string{
		"-I/linux":                              "-I$(srctree)",
		"-I/linux/include":                      "-I$(srctree)/include",
		"/linux/include/linux/kconfig.h":        "$(srctree)/include/linux/kconfig.h",
		"-isystem/linux/include":                "-isystem$(srctree)/include",
		"-fdebug-prefix-map=/linux=.":           "-fdebug-prefix-map=$(srctree)=.",
		"-ffile-prefix-map=/linux/a=/linux/b":   "-ffile-prefix-map=$(srctree)/a=$(srctree)/b",
		"-Wp,-MMD,/linux/a.d":                   "-Wp,-MMD,$(srctree)/a.d",
		`-DX="/linux/a"`:                        `-DX="$(srctree)/a"`,
		`-DKBUILD_MODFILE="arch/linux/hyp/x"`:   `-DKBUILD_MODFILE="arch/linux/hyp/x"`,
		"arch/arm64/linux/a.o":                  "arch/arm64/linux/a.o",
		"-I/linux-6.1/include":                  "-I/linux-6.1/include",
		"-I/opt/linux/include":                  "-I/opt/linux/include",
		"-fmacro-prefix-map=/linux/linux/a.c=a": "-fmacro-prefix-map=$(srctree)/linux/a.c=a",
	} {
		if got := normalize(word, "/linux"); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
	}
}

func TestReplaceRoot(t *testing.T) {
	transcript, err := FromDryRun("gcc -I/o/include -fdebug-prefix-map=/o=. -c -o f/a.o /src/f/a.c", "f", "/src", "6.1")
	if err != nil {
		t.Fatal(err)
	}
	transcript.ReplaceRoot("/o")
	if got, want := strings.Join(transcript.Commands[0].Words, " "), "gcc -I$(srctree)/include -fdebug-prefix-map=$(srctree)=. -c -o f/a.o $(srctree)/f/a.c"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCompilerCache(t *testing.T) {
	transcript, err := FromDryRun("/usr/bin/ccache x-gcc -O2 -c -o f/a.o f/a.c", "f", "", "6.1")
	if err != nil || transcript.Compiler() != "x-gcc" {
		t.Errorf("got %v, %v; want x-gcc", transcript, err)
	}
}

func TestFromDryRunErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"not shell code", "\ncc 'f/a.c", "dry run:2: cannot be parsed"},
		{"expansion", "cc -c -o f/a.o $SOURCES", "dry run:1: cannot be parsed"},
		{"conditional object", "if test -f x; then ld -r -o f/a.o f/b.o; fi", "dry run:1: f/a.o is made by a conditional command (ld)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := FromDryRun(test.text, "f", "/src/linux", "6.1")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestParseTranscriptErrors(t *testing.T) {
	head := "# What kbuild's dry run of f prints for Linux 6.1, one command per line.\n"
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "line 1: got \"\""},
		{"other file", "all:\n", "line 1: got \"all:\""},
		{"broken line", head + "# a comment\ncc 'a\n", "line 3:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseTranscript(test.text)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
	transcript, err := ParseTranscript(head)
	if err != nil || transcript.Dir != "f" || transcript.Release != "6.1" {
		t.Errorf("got %+v, %v; want directory f and release 6.1", transcript, err)
	}
}
