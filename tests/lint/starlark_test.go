package lint

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Warnings of buildifier that this repository does not follow, each for a reason.
const warnings = "-function-docstring-args" + // a private helper says in one line what its arguments are
	",-bzl-visibility" + // tests and toolchains of this repository look into rules/private
	",-function-docstring-return" +
	",-module-docstring" + // BUILD and WORKSPACE files have comments where they need them
	",-out-of-order-load" + // loads of our own files come last
	",-unnamed-macro" + // the steps of a WORKSPACE file declare many repositories and take no name
	",-unsorted-dict-items" // attributes are in the order in which a reader needs them

func TestStarlark(t *testing.T) {
	root := Root(t)
	buildifier := filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("BUILDIFIER"))
	var paths []string
	for _, file := range Files(t, IsStarlark) {
		paths = append(paths, file.Path)
	}
	arguments := append([]string{"-mode=check", "-lint=warn", "-warnings=" + warnings}, paths...)
	command := exec.Command(buildifier, arguments...)
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		t.Errorf("buildifier: %v; see CONTRIBUTING.md for how to reformat\n%s", err, output)
	}
	t.Logf("%d files", len(paths))
}
