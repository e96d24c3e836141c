// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"archive/tar"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/reference"
)

// archive writes a reference: a path, its text, the next path …
func archive(t *testing.T, pathsAndTexts ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.tar")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := tar.NewWriter(out)
	for i := 0; i < len(pathsAndTexts); i += 2 {
		text := pathsAndTexts[i+1]
		if err := w.WriteHeader(&tar.Header{Name: pathsAndTexts[i], Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// dryRun is that of a kernel, cut down to four objects.
func dryRun(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/golden/002-linux-6.12.in")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "/src/linux", reference.Tree)
}

const makefile = "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 117\nEXTRAVERSION =\n"

// The BUILD file has the sources and headers of the reference, and what the kernel of that version has.
func TestConfiguration(t *testing.T) {
	name := archive(t, reference.DryRunName, dryRun(t), "Makefile", makefile, "include/z.h", "", "include/a.h", "", "include/b.h", "", "include/a.c", "")
	c := Configuration{Name: "6.12/small", Platform: "//platforms:arm64_gcc14", Tags: []string{"manual"}, Listed: []byte("# kbuild\ninclude/a.h\n")}
	text, err := c.BuildFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"of Linux 6.12.117:",
		"bazel run //kernels/configurations:update_6.12_small\n",
		`load("//rules/private:kbuild_reference.bzl", "kbuild_tree")`,
		"kbuild_tree(\n    name = \"tree\",\n    files = [\n        \"arch/arm64/kvm/hyp/",
		"header_paths = [\n        \"include/b.h\",\n        \"include/z.h\",\n    ],\n    headers = \"@linux_6.12//:headers\"",
		`reference = "//kernels/configurations:6.12_small"`,
		`":arch/arm64/kvm/hyp/nvhe/`,
		`hdrs = [":tree"]`,
		`tree = ":tree"`,
		`allowed_undefined = ["//kernels/6.12:undefined.txt"]`,
		`platform = "//platforms:arm64_gcc14"`,
		`tags = ["manual"]`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, unwanted := range []string{"hyp_tree", reference.Tree + "/", "\"@linux"} {
		if strings.Contains(strings.ReplaceAll(string(text), `headers = "@linux_6.12//:headers"`, ""), unwanted) {
			t.Errorf("%q in\n%s", unwanted, text)
		}
	}
	c = Configuration{Name: "6.12/small", Platform: defaultPlatform}
	if text, err := c.BuildFile(name); err != nil || strings.Contains(string(text), "platform =") {
		t.Errorf("the default platform: got %v,\n%s", err, text)
	}
}

func TestConfigurationErrors(t *testing.T) {
	good := archive(t, reference.DryRunName, dryRun(t), "Makefile", makefile)
	for _, test := range []struct{ name, archive, want string }{
		{"5.1/defconfig", good, "no kernel 5.1"},
		{"6.12", good, "want VERSION/NAME"},
		{"6.12/a/b", good, "want VERSION/NAME"},
		{"6.12/a", filepath.Join(t.TempDir(), "none"), "no such file"},
		{"6.12/a", archive(t, reference.DryRunName, dryRun(t)), "no VERSION and PATCHLEVEL"},
		{"6.12/a", archive(t, "Makefile", makefile), "no command prefixes an object"},
	} {
		if _, err := (Configuration{Name: test.name}).BuildFile(test.archive); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}
