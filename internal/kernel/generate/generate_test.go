// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/buildfile"
	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// The test binary is also make: a dry run passes -n first.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-n" {
		root := os.Args[slices.Index(os.Args, "-C")+1]
		switch os.Args[len(os.Args)-1] {
		case "virt/el2/":
			fmt.Printf("gcc -c -o virt/el2/a.o %s/virt/el2/a.c\n", root)
		case "drivers/smc/": // a module, and its part at EL2
			fmt.Printf("gcc -c -o drivers/smc/host.o %s/drivers/smc/host.c\ngcc -c -o drivers/smc/el2/smc.nvhe.o %s/drivers/smc/el2/smc.c\n", root, root)
		}
		os.Exit(0)
	}
	// And the compiler.
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Print("gcc (Test 12.2.0-1) 12.2.0\nCopyright\n")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func put(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// small is a tree and its transcript.
func small(t *testing.T) (*tree.Tree, *kbuild.Transcript) {
	t.Helper()
	root := t.TempDir()
	put(t, root, map[string]string{
		".config":                        "",
		"virt/el2/a.c":                   "#include <a.h>\n",
		"virt/el2/b.c":                   "",
		"virt/el2/el2.lds.S":             "",
		"include/all.h":                  "",
		"include/a.h":                    "",
		"include/other.h":                "",
		"arch/arm64/kernel/image-vars.h": "PROVIDE(__el2_a = a);\n",
	})
	opened, err := tree.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/golden/004-no-relocations.in")
	if err != nil {
		t.Fatal(err)
	}
	transcript, err := kbuild.FromDryRun(string(text), "virt/el2", "/src/linux", "6.1")
	if err != nil {
		t.Fatal(err)
	}
	return opened, transcript
}

// byBase returns the texts of files by their base names.
func byBase(files []File) map[string]string {
	texts := map[string]string{}
	for _, file := range files {
		texts[filepath.Base(file.Name)] = string(file.Text)
	}
	return texts
}

// kbuild does not compile a source that was removed if its object is there.
func TestFilesOfMissingSource(t *testing.T) {
	opened, transcript := small(t)
	transcript.Commands = slices.DeleteFunc(transcript.Commands, func(c shell.Command) bool { return slices.Contains(c.Words, "virt/el2/b.c") })
	request := &Request{BuildFile: "BUILD"}
	if _, err := request.Files(transcript, opened); err == nil || !strings.Contains(err.Error(), "its source may be missing") {
		t.Errorf("got error %v, want one of the object", err)
	}
	if err := os.Remove(filepath.Join(opened.Source, "virt/el2/b.c")); err != nil {
		t.Fatal(err)
	}
	if _, err := request.Files(transcript, opened); err == nil || !strings.Contains(err.Error(), "the source tree has no virt/el2/b.c and no virt/el2/b.S") {
		t.Errorf("got error %v, want one of the source", err)
	}
}

func TestFiles(t *testing.T) {
	opened, transcript := small(t)
	request := &Request{BuildFile: "out/BUILD", Headers: "out/h.txt", Undefined: "out/u.txt", Transcript: "t.txt"}
	request.Build.Exports = []string{"z.txt"}
	files, err := request.Files(transcript, opened)
	if err != nil || len(files) != 4 {
		t.Fatalf("got %d files, %v; want 4", len(files), err)
	}
	got := byBase(files)
	for name, want := range map[string]string{
		"BUILD": "exports_files([\n    \"h.txt\",\n    \"u.txt\",\n    \"z.txt\",\n])",
		"h.txt": "\ninclude/a.h\ninclude/all.h\n",
		"u.txt": "\n__el2_a\n",
		"t.txt": "# What kbuild's dry run of virt/el2 prints",
	} {
		if !strings.Contains(got[name], want) {
			t.Errorf("%s: got\n%s\nwant %q in it", name, got[name], want)
		}
	}
	if !strings.Contains(got["BUILD"], `allowed_undefined = ["u.txt"]`) {
		t.Errorf("got\n%s\nwant the list u.txt in it", got["BUILD"])
	}
}

// A tree with its sources can replace @linux; its BUILD file has the files that the plan reads and no others.
func TestRepository(t *testing.T) {
	opened, transcript := small(t)
	request := &Request{Repository: true, Configured: true, Build: buildfile.Options{Name: "hyp_o", Rules: "@rules_hyp//rules:defs.bzl"}}
	files, err := request.Files(transcript, opened)
	if err != nil {
		t.Fatal(err)
	}
	got := byBase(files)
	for _, want := range []string{
		`"virt/el2/el2.lds.S",`, `"virt/el2/a.c",`, `"arch/arm64/kernel/image-vars.h",`, `"include/all.h",`, `"include/a.h",`, `name = "headers"`,
		`name = "hyp_o"`, `allowed_undefined = ["hypgen.undefined.txt"]`, `manifest = "hypgen.headers.txt"`,
	} {
		if !strings.Contains(got["BUILD.bazel"], want) {
			t.Errorf("got\n%s\nwant %s in it", got["BUILD.bazel"], want)
		}
	}
	if strings.Contains(got["BUILD.bazel"], "other.h") {
		t.Errorf("got\n%s\nwant no other.h, which nothing includes", got["BUILD.bazel"])
	}
	if len(files) != 4 || got["REPO.bazel"] == "" || !strings.Contains(got["hypgen.headers.txt"], "include/a.h\n") || got["hypgen.undefined.txt"] == "" {
		t.Errorf("got %d files, want BUILD.bazel, REPO.bazel and two lists", len(files))
	}

	opened.Source += "/elsewhere"
	if _, err := request.Files(transcript, opened); err == nil || !strings.Contains(err.Error(), "source_path") {
		t.Errorf("sources apart: got error %v, want one that names source_path", err)
	}
}

func TestLibraryOnly(t *testing.T) {
	_, transcript := small(t)
	files, err := (&Request{BuildFile: "BUILD", LibraryOnly: true}).Files(transcript, nil)
	if err != nil || len(files) != 1 {
		t.Fatalf("got %d files, %v; want 1", len(files), err)
	}
	if text := string(files[0].Text); !strings.Contains(text, "hyp_library(") || strings.Contains(text, "hyp_object(") {
		t.Errorf("got\n%s\nwant a hyp_library alone", text)
	}
}

func TestNeedsTree(t *testing.T) {
	for _, test := range []struct {
		request Request
		want    bool
	}{
		{Request{BuildFile: "x", Transcript: "y"}, false},
		{Request{Headers: "x"}, true},
		{Request{Undefined: "x"}, true},
		{Request{Repository: true}, true},
	} {
		if got := test.request.NeedsTree(); got != test.want {
			t.Errorf("%+v: got %v, want %v", test.request, got, test.want)
		}
	}
}

// prepare makes the files of a prepared tree, with this .config.
func prepare(t *testing.T, opened *tree.Tree, config string) {
	t.Helper()
	// First: auto.conf must not be older.
	put(t, opened.Objects, map[string]string{".config": config})
	put(t, opened.Objects, map[string]string{
		"include/config/auto.conf":        "",
		"Kconfig":                         "",
		"scripts/Kbuild.include":          "",
		"include/generated/autoconf.h":    "",
		"include/generated/asm-offsets.h": "",
		"Makefile":                        "VERSION = 6\nPATCHLEVEL = 1\n",
	})
}

// make runs in a prepared tree only.
func TestTranscribe(t *testing.T) {
	opened, _ := small(t)
	if _, err := Transcribe(context.Background(), opened, "/no/make", "virt/el2", nil, Compilers{}); err == nil || !strings.Contains(err.Error(), "Kconfig") {
		t.Errorf("no kernel: got error %v, want one that names Kconfig", err)
	}
	prepare(t, opened, "CONFIG_ARM64=y\nCONFIG_LD_IS_LLD=y\nCONFIG_LLD_VERSION=190107\n")
	transcript, err := Transcribe(context.Background(), opened, os.Args[0], "virt/el2", nil, Compilers{})
	if err != nil {
		t.Fatal(err)
	}
	if transcript.LLD != 19 {
		t.Errorf("got lld %d, want that of the configuration, 19", transcript.LLD)
	}
	want := "What kbuild's dry run of virt/el2 prints for Linux 6.1, "
	if text := transcript.Format(); !strings.Contains(text, want) || !strings.Contains(text, "gcc -c -o virt/el2/a.o '$(srctree)/virt/el2/a.c'\n") {
		t.Errorf("got\n%s\nwant %q and the compile in it", text, want)
	}
}

// make is not asked about a directory that the tree does not have.
func TestTranscribeDirectory(t *testing.T) {
	opened, _ := small(t)
	prepare(t, opened, "CONFIG_ARM64=y\n")
	for dir, want := range map[string]string{"virt/none": "no directory virt/none", "../el2": "no directory of a kernel tree", "virt/el2/": "a slash at the end", "virt/el2/a.c": "no directory virt/el2/a.c"} {
		if _, err := Transcribe(context.Background(), opened, "/no/make", dir, nil, Compilers{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q in it", dir, err, want)
		}
	}
}

// The part of a module at EL2 is a goal of the directory above.
func TestTranscribeModule(t *testing.T) {
	opened, _ := small(t)
	prepare(t, opened, "CONFIG_ARM64=y\n")
	put(t, opened.Source, map[string]string{"drivers/smc/el2/smc.c": ""})
	transcript, err := Transcribe(context.Background(), opened, os.Args[0], "drivers/smc/el2", nil, Compilers{})
	if err != nil {
		t.Fatal(err)
	}
	text := transcript.Format()
	if !strings.Contains(text, "dry run of drivers/smc/el2 prints") || !strings.Contains(text, "gcc -c -o drivers/smc/el2/smc.nvhe.o") || strings.Contains(text, "host.c") {
		t.Errorf("got\n%s\nwant the part at EL2 alone", text)
	}
}

func TestReadTranscript(t *testing.T) {
	name := filepath.Join(t.TempDir(), "t.txt")
	if _, err := ReadTranscript(name); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("no file: got error %v, want one that names it", err)
	}
	if err := os.WriteFile(name, []byte("gcc\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadTranscript(name); err == nil || !strings.Contains(err.Error(), name+": line 1: got") {
		t.Errorf("no transcript: got error %v, want one that names file and line", err)
	}
}

// TestUndefinedOfIslands refuses a list for objects that are renamed one by one.
func TestUndefinedOfIslands(t *testing.T) {
	opened, _ := small(t)
	text, err := os.ReadFile("testdata/golden/006-pi-6.1.in")
	if err != nil {
		t.Fatal(err)
	}
	transcript, err := kbuild.FromDryRun(string(text), "arch/arm64/kernel/pi", "/src/linux", "6.1")
	if err != nil {
		t.Fatal(err)
	}
	request := &Request{BuildFile: "BUILD", Undefined: "u.txt"}
	if _, err := request.Files(transcript, opened); err == nil || !strings.Contains(err.Error(), "leave out -undefined") {
		t.Errorf("got error %v, want one about -undefined", err)
	}
}
