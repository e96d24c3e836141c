// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

const (
	gcc12 = "CONFIG_ARM64=y\nCONFIG_CC_VERSION_TEXT=\"gcc (Test 12.2.0-1) 12.2.0\"\nCONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=120200\n"
	// The same, by another packager.
	gcc12b  = "CONFIG_ARM64=y\nCONFIG_CC_VERSION_TEXT=\"gcc (Test 12.2.0-2) 12.2.0\"\nCONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=120200\n"
	gcc11   = "CONFIG_ARM64=y\nCONFIG_CC_VERSION_TEXT=\"gcc (Test) 11.3.0\"\nCONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=110300\n"
	clang14 = "CONFIG_ARM64=y\nCONFIG_CC_VERSION_TEXT=\"clang version 14.0.6\"\nCONFIG_CC_IS_CLANG=y\nCONFIG_CLANG_VERSION=140006\n"
)

// A tree is for one compiler: that of make's arguments, which is gcc 12 here, and that of the build.
func TestCompilers(t *testing.T) {
	bin := t.TempDir()
	program, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(program, filepath.Join(bin, "gcc")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	gcc := func(major int) *tree.Compiler { return &tree.Compiler{Family: "gcc", Major: major} }
	for _, test := range []struct {
		name, config string
		compilers    Compilers
		want         string
	}{
		{"the same", gcc12, Compilers{Target: gcc(12)}, ""},
		{"unknown build", gcc12, Compilers{}, ""},
		{"older tree", gcc11, Compilers{Target: gcc(12)}, "configured for gcc-11 (gcc (Test) 11.3.0), and the BUILD file would be built with gcc-12"},
		{"what there is", gcc11, Compilers{Target: gcc(12)}, "rules_hyp has gcc-12, gcc-14, gcc-16, clang-14, clang-19"},
		{"newer build", gcc12, Compilers{Target: gcc(14)}, "-compiler=gcc-12"},
		{"clang", clang14, Compilers{Target: gcc(12)}, "configured for clang-14"},
		{"no compiler", "CONFIG_ARM64=y\n", Compilers{Target: gcc(12)}, "does not say for which compiler"},
		{"given another one", gcc11, Compilers{Target: gcc(11)}, `gcc, is "gcc (Test 12.2.0-1) 12.2.0"; give hypgen the compiler`},
		{"given another build of it", gcc12b, Compilers{Target: gcc(12)}, "give hypgen the compiler"},
		{"any", clang14, Compilers{Target: gcc(12), Any: true}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			opened, _ := small(t)
			prepare(t, opened, test.config)
			_, err := Transcribe(context.Background(), opened, program, "virt/el2", nil, test.compilers)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestCompilerOf(t *testing.T) {
	for platform, want := range map[string]string{
		"":                                  "gcc-12",
		"//platforms:arm64_gcc14":           "gcc-14",
		"@rules_hyp//platforms:arm64_gcc16": "gcc-16",
		"//platforms:arm64_clang19":         "clang-19",
		"//my:platform":                     "",
		"//my/platforms:arm64_gcc14x":       "",
	} {
		got := ""
		if compiler := CompilerOf(platform); compiler != nil {
			got = compiler.String()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", platform, got, want)
		}
	}
}

// kbuild's options are for one linker and one assembler, too.
func TestCheckPrograms(t *testing.T) {
	for _, test := range []struct{ config, command, want string }{
		{"CONFIG_LD_IS_BFD=y\n", "x-ld -r", ""},
		{"CONFIG_LD_IS_BFD=y\n", "ld.lld-14 -r", "configured for GNU ld (CONFIG_LD_IS_BFD=y), and kbuild's commands use lld"},
		{"CONFIG_LD_IS_LLD=y\n", "ld.lld -r", ""},
		{"CONFIG_LD_IS_LLD=y\n", "x-ld -r", "configured for lld"},
		{"CONFIG_AS_IS_GNU=y\n", "clang -fno-integrated-as -c", ""},
		{"CONFIG_AS_IS_GNU=y\n", "clang -fintegrated-as -c", "configured for GNU as"},
		{"CONFIG_AS_IS_GNU=y\n", "gcc -c", ""},
		{"CONFIG_AS_IS_LLVM=y\n", "clang -fno-integrated-as -c", "configured for clang's assembler"},
		{"", "ld.lld -r", ""},
	} {
		transcript := &kbuild.Transcript{Commands: []shell.Command{{Words: strings.Fields(test.command)}}}
		err := checkPrograms(&tree.Tree{Objects: "o"}, tree.ParseConfiguration(test.config), transcript)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s%s: got error %v, want one with %q", test.config, test.command, err, test.want)
		}
	}
}
