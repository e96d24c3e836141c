// SPDX-License-Identifier: Apache-2.0

package rebuild

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
)

// The modules are those that bazelw overrides, which have to be in the dependency graph.
const module = `module(name = "faults")

bazel_dep(name = "rules_go", version = "0.62.0")
bazel_dep(name = "rules_shell", version = "0.4.1")
`

const bazelrc = `common --enable_bzlmod --noenable_workspace
common --repo_env=BAZEL_DO_NOT_DETECT_CPP_TOOLCHAIN=1
build --incompatible_strict_action_env
build --spawn_strategy=linux-sandbox,local
`

// write writes a workspace: //:everything has an action for each fault, one that is
// reproducible, and one that follows from all others.
func write(t *testing.T, w *bed.Workspace, list []fault) {
	t.Helper()
	w.Write(t, "MODULE.bazel", module)
	w.Write(t, ".bazelrc", bazelrc)
	var build strings.Builder
	rule := func(name, command string, sources []string, local bool) {
		rest := ""
		if strings.Contains(command, compile) {
			rest += "    tools = glob([\"cc/*\"]),\n"
		}
		if local {
			rest += "    tags = [\"no-sandbox\"],\n"
		}
		fmt.Fprintf(&build, "genrule(\n    name = %q,\n    srcs = %s,\n    outs = [%q],\n    cmd = %q,\n%s)\n\n", name, starlarkList(sources), name+".out", command, rest)
	}
	all := []string{"sound.out"}
	for _, f := range list {
		for path, text := range f.sources {
			w.Write(t, path, text)
		}
		rule(f.name, f.command, slices.Sorted(maps.Keys(f.sources)), f.local)
		all = append(all, f.name+".out")
	}
	rule("sound", "echo sound >$@", nil, false)
	rule("everything", "cat $(SRCS) >$@", all, false)
	w.Write(t, "BUILD.bazel", build.String())
}

// starlarkList formats a list of strings.
func starlarkList(items []string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = fmt.Sprintf("%q", item)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// installCompiler copies the compiler, the assembler and their libraries to cc/ of a
// workspace, beside cc.sh.
func installCompiler(t *testing.T, w *bed.Workspace) {
	t.Helper()
	for name := range strings.FieldsSeq(os.Getenv("COMPILER")) {
		if strings.Contains(name, "/include/") {
			continue
		}
		path := filepath.Join(os.Getenv("TEST_SRCDIR"), name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		to := "cc/" + filepath.Base(name)
		w.Write(t, to, string(data))
		if err := os.Chmod(filepath.Join(w.Dir, to), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
