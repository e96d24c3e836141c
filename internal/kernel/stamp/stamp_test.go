// SPDX-License-Identifier: Apache-2.0

package stamp

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const dir = "arch/arm64/kvm/hyp/nvhe"

// makeTree returns a tree with the files that decide what kbuild does.
func makeTree(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		".config":                 "# Linux/arm64 6.1.9\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_CC_VERSION_TEXT=\"gcc 12\"\n",
		"Makefile":                "VERSION = 6\n",
		"Kbuild":                  "",
		"scripts/Kbuild.include":  "a\n",
		"scripts/Makefile.lib":    "b\n",
		"scripts/Makefile.build":  "c\n",
		"scripts/mkcompile_h":     "d\n",
		"arch/arm64/Makefile":     "e\n",
		"arch/arm64/kvm/Makefile": "f\n",
		dir + "/Makefile":         "hyp-obj-y := a.o\n",
		dir + "/a.c":              "",
		"arch/x86/kvm/Makefile":   "g\n",
	} {
		write(t, root, name, text)
	}
	// Not a file.
	if err := os.Mkdir(filepath.Join(root, "arch/arm64/kvm/hyp/Makefile"), 0o777); err != nil {
		t.Fatal(err)
	}
	return root
}

func write(t *testing.T, root, name, text string) {
	t.Helper()
	file := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func names(stamps []Stamp) []string {
	var list []string
	for _, s := range stamps {
		list = append(list, s.Name)
	}
	return list
}

// manifest returns a manifest with the stamps of a tree, and the files that a rule gives Check.
func manifest(t *testing.T, root string, configured bool, more ...string) ([]byte, []string) {
	t.Helper()
	stamps, err := Of(root, root, dir, configured)
	if err != nil {
		t.Fatal(err)
	}
	text := "# The headers that …\n"
	var files []string
	for _, s := range stamps {
		text += s.String() + "\n"
		files = append(files, filepath.Join(root, s.Name))
	}
	for _, name := range more {
		files = append(files, filepath.Join(root, name))
	}
	return []byte(text + "include/a.h\n"), files
}

func TestOf(t *testing.T) {
	root := makeTree(t)
	for configured, want := range map[bool][]string{
		true: {
			".config", "Kbuild", "Makefile", "arch/arm64/Makefile", "arch/arm64/kvm/Makefile", dir + "/Makefile", "scripts/Kbuild.include",
			"scripts/Makefile.build", "scripts/Makefile.lib",
		},
		false: {"arch/arm64/kvm/Makefile", dir + "/Makefile"},
	} {
		stamps, err := Of(root, root, dir, configured)
		if err != nil {
			t.Fatal(err)
		}
		if got := names(stamps); !slices.Equal(got, want) {
			t.Errorf("configured %t: got %q, want %q", configured, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name, file, text, want string
	}{
		{"nothing", "", "", ""},
		{"a comment of .config", ".config", "# Linux/arm64 6.1.10\nCONFIG_A=y\nCONFIG_CC_VERSION_TEXT=\"gcc 12\"\n", ""},
		{"line ends of .config", ".config", "CONFIG_A=y\r\nCONFIG_CC_VERSION_TEXT=\"gcc 12\"", ""},
		{"an option", ".config", "CONFIG_A=y\nCONFIG_B=y\nCONFIG_CC_VERSION_TEXT=\"gcc 12\"\n", ".config"},
		{"an option less", ".config", "CONFIG_CC_VERSION_TEXT=\"gcc 12\"\n", ".config"},
		{"a compiler", ".config", "CONFIG_A=y\nCONFIG_CC_VERSION_TEXT=\"gcc 13\"\n", ".config"},
		{"a version", "Makefile", "VERSION = 7\n", "Makefile"},
		{"a source", dir + "/Makefile", "hyp-obj-y := a.o b.o\n", dir + "/Makefile"},
		{"a flag", "scripts/Makefile.lib", "-Wall\n", "scripts/Makefile.lib"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := makeTree(t)
			text, files := manifest(t, root, true)
			if tt.file != "" {
				write(t, root, tt.file, tt.text)
			}
			got, err := Check(text, root, files)
			if err != nil {
				t.Fatal(err)
			}
			if (tt.want == "") != (got == "") || !strings.HasSuffix(got, tt.want) {
				t.Errorf("got %q, want it to name %q", got, tt.want)
			}
		})
	}
}

func TestCheckMissingFile(t *testing.T) {
	root := makeTree(t)
	text, files := manifest(t, root, true)
	for i := range files {
		without := slices.Delete(slices.Clone(files), i, i+1)
		got, err := Check(text, root, without)
		name, _ := filepath.Rel(root, files[i])
		// Without .config a tree is no tree.
		if err != nil || !strings.Contains(got, name+" (gone)") {
			t.Errorf("without %s: got %q, %v", name, got, err)
		}
	}
}

// A manifest of a downloaded kernel fits no other tree, although the Makefiles are the same.
func TestCheckDownloaded(t *testing.T) {
	root := makeTree(t)
	write(t, root, packages, "{}")
	text, files := manifest(t, root, false, packages, ".config")
	if got, err := Check(text, root, files); got != "" || err != nil {
		t.Errorf("got %q, %v; want nothing", got, err)
	}
	if got, err := Check(text, root, slices.Delete(files, len(files)-2, len(files)-1)); !strings.Contains(got, "of its own") || err != nil {
		t.Errorf("without %s: got %q, %v", packages, got, err)
	}
}

func TestCheckErrors(t *testing.T) {
	root := makeTree(t)
	text, files := manifest(t, root, true)
	for _, bad := range []string{"# kbuild: .config\n", "# kbuild: .config 12\n", "# kbuild:  0123456789abcdef\n"} {
		if got, err := Check(append([]byte(bad), text...), root, files); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: got %q, %v", bad, got, err)
		}
	}
	if got, err := Check(text, root, append(files, "/elsewhere/Makefile")); err == nil {
		t.Errorf("a file of another tree: got %q and no error", got)
	}
	if got, err := Check(text, root+"/arch", files); err == nil {
		t.Errorf("another root: got %q and no error", got)
	}
}
