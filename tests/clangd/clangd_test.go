// SPDX-License-Identifier: Apache-2.0

package clangd_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/clangd"
	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// sources are some of every kind.
var sources = []string{"hyp-main.c", "mm.c", "entry.S"}

// The database for the default kernel, which gcc compiles, is one that clang understands: no unknown option, no missing header, no error.
func TestClangReadsTheDatabase(t *testing.T) {
	clang, err := filepath.Abs(os.Getenv("CLANG"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(os.Getenv("DRYRUN"))
	if err != nil {
		t.Fatal(err)
	}
	transcript, err := kbuild.ParseTranscript(string(text))
	if err != nil {
		t.Fatal(err)
	}
	kernel, err := tree.Open(filepath.Dir(os.Getenv("LINUX")))
	if err != nil {
		t.Fatal(err)
	}
	database, err := clangd.Database(transcript, kernel)
	if err != nil {
		t.Fatal(err)
	}
	var entries []struct {
		Directory, File string
		Arguments       []string
	}
	if err := json.Unmarshal(database, &entries); err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, e := range entries {
		if !slices.Contains(sources, filepath.Base(e.File)) {
			continue
		}
		found++
		// clangd gets the target from the compiler's name.
		cmd := exec.Command(clang, append([]string{"--target=aarch64-linux-gnu", "-fsyntax-only", "-Qunused-arguments"}, e.Arguments[1:]...)...)
		cmd.Dir = e.Directory
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", e.File, err, out)
		}
	}
	if found != len(sources) {
		t.Errorf("got %d of the sources %q", found, sources)
	}
}
