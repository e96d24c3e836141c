package generate

import (
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// The platform is that of a kernel with the same compiler, and its name says which one that is.
func TestPlatformFor(t *testing.T) {
	for config, want := range map[string]string{
		"CONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=120200\n":    "",
		"CONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=140200\n":    "@r//platforms:arm64_gcc14",
		"CONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=160200\n":    "@r//platforms:arm64_gcc16",
		"CONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=90400\n":     "none",
		"CONFIG_CC_IS_CLANG=y\nCONFIG_CLANG_VERSION=10001\n": "none",
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
		"CONFIG_KVM=y\nCONFIG_LTO_CLANG=y\nCONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=120200\n": "link-time optimization",
		"CONFIG_KVM=y\nCONFIG_CC_IS_GCC=y\nCONFIG_GCC_VERSION=110200\n":                     "configured for gcc-11",
	} {
		put(t, opened.Objects, map[string]string{".config": config})
		err := Compilers{Target: CompilerOf("")}.CheckConfiguration(opened)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want %q", config, err, want)
		}
	}
}
