// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

const rulesModule = "module(\n    name = \"rules_hyp\",\n    version = \"1\",\n)\n"

// The checkout is found from bazel-bin in it, from its output base, and from that of a workspace that has it as a local repository. What is
// unpacked in an output base is not: it does not stay there.
func TestFindCheckout(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(root, name) }
	put(t, in("rules_hyp/MODULE.bazel"), rulesModule)
	put(t, in("consumer/MODULE.bazel"), "module(name = \"consumer\")\n")
	put(t, in("base/DO_NOT_BUILD_HERE"), in("rules_hyp")+"\n")
	put(t, in("base2/DO_NOT_BUILD_HERE"), in("consumer"))
	put(t, in("base3/DO_NOT_BUILD_HERE"), in("consumer"))
	put(t, in("base3/external/rules_hyp~/MODULE.bazel"), rulesModule)
	put(t, in("base2/external/x"), "")
	if err := os.Symlink(in("rules_hyp"), in("base2/external/rules_hyp~")); err != nil {
		t.Fatal(err)
	}
	put(t, in("base/execroot/_main/x"), "")
	if err := os.Symlink(in("rules_hyp/MODULE.bazel"), in("base/execroot/_main/MODULE.bazel")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ command, program, want string }{
		{in("base/execroot/_main/bazel-out/bin/hypgen"), in("base/execroot/_main/bazel-out/bin/hypgen"), in("rules_hyp")},
		{in("rules_hyp/bazel-bin/tools/hypgen/hypgen_/hypgen"), "/none", in("rules_hyp")},
		{"/usr/bin/hypgen", in("base/execroot/_main/bazel-out/bin/hypgen"), in("rules_hyp")},
		{in("consumer/bazel-bin/external/rules_hyp~/hypgen"), in("base2/execroot/_main/bazel-out/bin/hypgen"), in("rules_hyp")},
		{in("consumer/bazel-bin/external/rules_hyp~/hypgen"), in("base3/execroot/_main/bazel-out/bin/hypgen"), ""},
		{"hypgen", "", ""},
	} {
		if got := FindCheckout(test.command, test.program); got != test.want {
			t.Errorf("%s, %s: got %q, want %q", test.command, test.program, got, test.want)
		}
	}
}

func TestIntegrity(t *testing.T) {
	// The SHA-256 of nothing.
	got, err := Integrity("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	if want := "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if _, err := Integrity("e3"); err == nil {
		t.Error("two digits: got no error")
	}
}

// The script runs the checkout's bazelw from any directory, whatever is in the paths.
func TestBazelw(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	rules, ws := filepath.Join(root, "it's $rules"), filepath.Join(root, "my ws")
	put(t, filepath.Join(rules, "bazelw"), "#!/bin/sh\nprintf '%s|' \"$PWD\" \"$@\"\n")
	put(t, filepath.Join(ws, "sub/x"), "")
	for _, checkout := range []string{rules, "../it's $rules"} {
		put(t, filepath.Join(ws, "bazelw"), string(Bazelw(checkout)))
		for _, dir := range []string{ws, filepath.Join(ws, "sub")} {
			program, err := filepath.Rel(dir, filepath.Join(ws, "bazelw"))
			if err != nil {
				t.Fatal(err)
			}
			command := exec.Command("/bin/sh", program, "build", "//a b")
			command.Dir = dir
			out, err := command.CombinedOutput()
			if want := dir + "|build|//a b|"; err != nil || string(out) != want {
				t.Errorf("%s in %s: got %q, %v; want %q", checkout, dir, out, err, want)
			}
		}
	}
}

// The modules' versions are those of this repository.
func TestVersions(t *testing.T) {
	module, err := os.ReadFile("../../../MODULE.bazel")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`bazel_dep(name = "platforms", version = "` + platformsVersion + `")`,
		// A newer one than needed here is not tested.
		`bazel_compatibility = [">=` + BazelVersion[:len(BazelVersion)-1] + `0"],`,
	} {
		if !strings.Contains(string(module), want) {
			t.Errorf("MODULE.bazel: want %s in it", want)
		}
	}
}

func TestBazelrc(t *testing.T) {
	text := string(Bazelrc("https://example.com/hyp"))
	if !HasRegistry([]byte(text), "https://example.com/hyp/") || HasRegistry(Bazelrc(""), "https://example.com/hyp") {
		t.Errorf("got\n%s\nwant the registry in it, and in the other none", text)
	}
	// Bazel uses the first registry that has a module.
	if strings.Index(text, "example.com") > strings.Index(text, "bcr.bazel.build") {
		t.Errorf("got\n%s\nwant the public registry last", text)
	}
	if text := string(Bazelrc("https://example.com/hyp", "https://example.com/all")); strings.Contains(text, "bcr.bazel.build") || !HasRegistry([]byte(text), "https://example.com/all") {
		t.Errorf("got\n%s\nwant the other registry instead of the public one", text)
	}
}

func TestIgnore(t *testing.T) {
	for _, test := range []struct{ before, want string }{
		{"", "a\nb/c\n"},
		{"x", "x\na\nb/c\n"},
		{"b/c/\n  a\n", "b/c/\n  a\n"},
	} {
		if got := string(Ignore([]byte(test.before), "a", "b/c")); got != test.want {
			t.Errorf("%q: got %q, want %q", test.before, got, test.want)
		}
	}
	if got := Ignore(nil); got != nil {
		t.Errorf("got %q, want no file", got)
	}
}

// Where the variable with a directory is not set, that is not the current one.
func TestNoCheckout(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("MODULE.bazel", []byte("module(name = \"rules_hyp\")\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if !IsCheckout(".") || IsCheckout("") {
		t.Errorf("the current directory: got %t, want true; no directory: got %t, want false", IsCheckout("."), IsCheckout(""))
	}
}
