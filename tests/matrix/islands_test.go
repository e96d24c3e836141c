// SPDX-License-Identifier: Apache-2.0

package matrix_test

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/compare"
	"github.com/rules-hyp/rules_hyp/internal/kernel/generate"
	"github.com/rules-hyp/rules_hyp/internal/kernel/reference"
	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

const islandsVersion = "6.1"

// Objects of pi and the EFI stub are those that kbuild renames, debug information included; those of the vDSO are the compiler's, byte by byte.
func TestIslands(t *testing.T) {
	for _, test := range []struct {
		dir, suffix string
		count       int  // of objects
		debug       int  // of those with debug information
		renamed     bool // by objcopy, which writes sections and symbols in an order of its own
	}{
		{"arch/arm64/kernel/pi", ".pi.o", 3, 3, true},
		{"drivers/firmware/efi/libstub", ".stub.o", 28, 28, true},
		// One is a note.
		{"arch/arm64/kernel/vdso", ".o", 3, 2, false},
	} {
		t.Run(path.Base(test.dir), func(t *testing.T) {
			files, err := reference.Read(os.Getenv("REFERENCE"), func(name string) bool {
				return path.Dir(name) == test.dir && strings.HasSuffix(name, test.suffix)
			})
			if err != nil {
				t.Fatalf("%v; run this by `bazel test`", err)
			}
			if len(files) != test.count {
				t.Errorf("got %d objects of kbuild, want %d", len(files), test.count)
			}
			debug := 0
			for _, name := range strings.Fields(os.Getenv("OBJECTS_" + path.Base(test.dir))) {
				ours, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				base := strings.Replace(path.Base(name), ".hyp.o", ".o", 1)
				theirs, ok := files[path.Join(test.dir, base)]
				if !ok {
					t.Errorf("kbuild has no object %s", base)
					continue
				}
				delete(files, path.Join(test.dir, base))
				if bytes.Contains(theirs, []byte(".debug_info\x00")) {
					debug++
				}
				if !test.renamed && !bytes.Equal(ours, theirs) {
					_, text := difference(t, base, theirs, ours, compare.Options{Strict: true})
					t.Errorf("%s is not kbuild's:\n%s", base, text)
				}
				options := compare.Options{Ignore: []string{"section-order", "symbol-order", "relocation-form"}}
				if report, text := difference(t, base, theirs, ours, options); !report.Equal {
					t.Errorf("%s is not kbuild's:\n%s", base, text)
				}
			}
			for name := range files {
				t.Errorf("kbuild has %s, and the rules do not", name)
			}
			if debug < test.debug {
				t.Errorf("%d objects have debug information, want %d: it is not compared", debug, test.debug)
			}
		})
	}
}

// The BUILD files are what hypgen writes.
func TestIslandBuildFiles(t *testing.T) {
	for _, dir := range generate.IslandDirs {
		got, err := generate.IslandBuildFile(islandsVersion, dir, os.Getenv("REFERENCE"))
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(generate.IslandPackage(islandsVersion, dir), "BUILD.bazel")
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what hypgen writes; its head has the command. Got\n%s", name, got)
		}
	}
}

// The script has the directories, and the dry run's arguments, which hypgen gives make.
func TestIslandScript(t *testing.T) {
	text, err := os.ReadFile(os.Getenv("SCRIPT"))
	if err != nil {
		t.Fatal(err)
	}
	script := strings.Join(strings.Fields(strings.ReplaceAll(string(text), "\\\n", " ")), " ")
	for _, want := range []string{
		"dirs='" + strings.Join(generate.IslandDirs, " ") + "'",
		shell.Quote(tree.DryRunArguments("/build", "/tmp")) + ` "$dir/"`,
	} {
		if !strings.Contains(script, want) {
			t.Errorf("the script lacks %s", want)
		}
	}
}
