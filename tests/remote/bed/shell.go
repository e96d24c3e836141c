// SPDX-License-Identifier: Apache-2.0

package bed

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/remote/engine"
)

// Shell are the options of a server whose actions see this machine's programs if they have the property inject=shell, and nothing otherwise.
func Shell(t testing.TB) engine.BuildBoxOptions {
	t.Helper()
	// The server has directories of its own at these places: it gets this machine's elsewhere.
	dir := shortDir(t)
	var options engine.BuildBoxOptions
	for _, name := range []string{"usr", "bin", "lib", "lib64"} {
		link := filepath.Join(dir, name)
		if err := os.Symlink("/"+name, link); err != nil {
			t.Fatal(err)
		}
		options.Binds = append(options.Binds, link)
		options.Mounts = append(options.Mounts, "shell:"+link+":/"+name)
	}
	return options
}

// The platform of docs/remote.md whose workers have a shell for Go's actions only.
const shellForGo = `
platform(
    name = "worker",
    constraint_values = [
        "@platforms//cpu:x86_64",
        "@platforms//os:linux",
    ],
    exec_properties = {
        "inject": "shell",
        "check.inject": "",
        "compile.inject": "",
        "link.inject": "",
        "prefix.inject": "",
        "relocations.inject": "",
    },
)
`

// ShellForGo returns flags with which Go's actions get the property inject=shell, and those of the rules do not.
func (w *Workspace) ShellForGo(t testing.TB) []string {
	t.Helper()
	w.Write(t, "workers/BUILD.bazel", shellForGo)
	return []string{"--extra_execution_platforms=//workers:worker"}
}
