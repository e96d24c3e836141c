// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// The compilers are those of //platforms.
func TestOtherCompilers(t *testing.T) {
	text, err := os.ReadFile(workspaceRoot + "/platforms/BUILD.bazel")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, match := range regexp.MustCompile(`name = "arm64_((?:gcc|clang)[0-9]+)"`).FindAllSubmatch(text, -1) {
		want = append(want, string(match[1]))
	}
	for _, compiler := range otherCompilers {
		got = append(got, strings.Replace(compiler.String(), "-", "", 1))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, and //platforms has %q", got, want)
	}
}

// The platform's name says which compiler it has.
func TestPlatformFor(t *testing.T) {
	for config, want := range map[string]string{
		"CONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=120200\n":     "",
		"CONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=140200\n":     "@r//platforms:arm64_gcc14",
		"CONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=160200\n":     "@r//platforms:arm64_gcc16",
		"CONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=90400\n":      "none",
		"CONFIG_CC_IS_CLANG=y\nCONFIG_CLANG_VERSION=10001\n":  "none",
		"CONFIG_CC_IS_CLANG=y\nCONFIG_CLANG_VERSION=120000\n": "none",
		"CONFIG_CC_IS_CLANG=y\nCONFIG_CLANG_VERSION=190107\n": "@r//platforms:arm64_clang19",
		"": "none",
	} {
		opened := &tree.Tree{Objects: t.TempDir()}
		put(t, opened.Objects, map[string]string{".config": config})
		got, ok := PlatformFor(opened, "r")
		if ok != (want != "none") || ok && got != want {
			t.Errorf("%q: got %q, %v; want %q", config, got, ok, want)
		}
		if ok && CompilerOf(got) == nil {
			t.Errorf("%s: does not say which compiler it has", got)
		}
	}
}

func TestCheckConfiguration(t *testing.T) {
	opened := &tree.Tree{Objects: t.TempDir()}
	for config, want := range map[string]string{
		"CONFIG_KVM=y\nCONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=120200\n":                     "",
		"CONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=120200\n":                                   "no CONFIG_KVM=y",
		"CONFIG_KVM=y\nCONFIG_LTO_CLANG=y\nCONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=120200\n": "",
		"CONFIG_KVM=y\nCONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=110200\n":                     "configured for gcc-11",
	} {
		put(t, opened.Objects, map[string]string{".config": config})
		err := Compilers{Target: CompilerOf("")}.CheckConfiguration(opened)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want %q", config, err, want)
		}
	}
}
