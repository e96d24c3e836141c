// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/reference"
)

const (
	piDir      = "arch/arm64/kernel/pi"
	piFiles    = "arch/arm64/kernel/pi/kaslr_early.c\ninclude/linux/types.h\nlib/fdt.c\nlib/fdt_ro.c\nscripts/dtc/libfdt/fdt.c\n"
	piMakefile = "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 176\nEXTRAVERSION =\n"
)

// piDryRun is that of pi in a small kernel.
func piDryRun(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/golden/006-pi-6.1.in")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "/src/linux", reference.Tree)
}

// The BUILD file takes sources and headers from the archive; a source that others include is a header.
func TestIslandBuildFile(t *testing.T) {
	name := archive(t, piDir+"/dryrun.txt", piDryRun(t), piDir+"/files.txt", piFiles, "Makefile", piMakefile)
	text, err := IslandBuildFile("6.1", piDir, name)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"bazel run //kernels/6.1/islands:update\n",
		"header_paths = [\n        \"include/linux/types.h\",\n        \"scripts/dtc/libfdt/fdt.c\",\n    ],",
		"files = [\n        \"arch/arm64/kernel/pi/kaslr_early.c\",\n        \"lib/fdt.c\",\n        \"lib/fdt_ro.c\",\n    ],",
		`reference = "//kernels/6.1/islands:reference"`,
		"hyp_island(\n    name = \"pi_lib\",",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if got := IslandPackage("6.1", piDir); got != "kernels/6.1/islands/pi" {
		t.Errorf("got the package %s", got)
	}
}

func TestIslandBuildFileErrors(t *testing.T) {
	good := []string{piDir + "/dryrun.txt", piDryRun(t), piDir + "/files.txt", piFiles, "Makefile", piMakefile}
	for _, test := range []struct{ version, dir, archive, want string }{
		{"5.1", piDir, archive(t, good...), "no kernel 5.1"},
		{"6.1", "virt", archive(t, good...), `got the directory "virt", want one of arch/arm64/kernel/pi, `},
		{"6.1", IslandDirs[1], archive(t, good...), "it has no " + IslandDirs[1] + "/dryrun.txt"},
		{"6.1", piDir, archive(t, good[:4]...), "it has no Makefile"},
		{"6.1", piDir, archive(t, good[2:]...), "it has no " + piDir + "/dryrun.txt"},
		{"6.1", piDir, filepath.Join(t.TempDir(), "none"), "no such file"},
	} {
		if _, err := IslandBuildFile(test.version, test.dir, test.archive); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.want, err, test.want)
		}
	}
}
