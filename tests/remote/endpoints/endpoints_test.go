// SPDX-License-Identifier: Apache-2.0

package endpoints

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
)

// A workspace with one action, whose program no worker has: the servers of these tests run nothing. The modules are those that bazelw overrides, which
// have to be in the dependency graph.
const (
	module = `module(name = "endpoints")

bazel_dep(name = "rules_go", version = "0.62.0")
bazel_dep(name = "rules_shell", version = "0.4.1")
`
	rule = `def _impl(ctx):
    out = ctx.actions.declare_file("out")
    ctx.actions.run(outputs = [out], executable = "program", env = {"KEY": ctx.attr.key}, mnemonic = "Write")
    return [DefaultInfo(files = depset([out]))]

write = rule(implementation = _impl, attrs = {"key": attr.string()})
`
	// The configurations are added to it.
	bazelrc = `common --enable_bzlmod --noenable_workspace
common --repo_env=BAZEL_DO_NOT_DETECT_CPP_TOOLCHAIN=1
build --incompatible_strict_action_env
`
	// bazelw's own directory is the repository's.
	bazelw = `#!/bin/sh
exec ../bazelw "$@"
`
)

// smallWorkspace returns a workspace with one action, and the repository's configurations for remote execution.
func smallWorkspace(t *testing.T) *bed.Workspace {
	source := bed.SourceWorkspace(t)
	settings, err := os.ReadFile(filepath.Join(source.Dir, ".bazelrc"))
	if err != nil {
		t.Fatal(err)
	}
	configurations := regexp.MustCompile(`(?m)^build:(remote|mapped-paths) .*\n`).FindAllString(string(settings), -1)
	w := &bed.Workspace{Dir: filepath.Join(source.Dir, "endpoints")}
	w.Write(t, "MODULE.bazel", module)
	w.Write(t, "defs.bzl", rule)
	w.Write(t, ".bazelrc", bazelrc+strings.Join(configurations, ""))
	w.Write(t, "bazelw", bazelw)
	if err := os.Chmod(filepath.Join(w.Dir, "bazelw"), 0o755); err != nil {
		t.Fatal(err)
	}
	return w
}

// suite is what the tests share: one Bazel.
type suite struct {
	client *bed.Client
	page   string // docs/remote-troubleshooting.md
	keys   int
}

// start starts a build of an action that was not built before.
func (s *suite) start(t *testing.T, endpoint string, flags ...string) *bed.Running {
	t.Helper()
	s.keys++
	s.client.Workspace.Write(t, "BUILD.bazel", fmt.Sprintf("load(\":defs.bzl\", \"write\")\n\nwrite(\n    name = \"out\",\n    key = \"%d\",\n)\n", s.keys))
	return s.client.Start(t, append(bed.RemoteFlags(endpoint), flags...), "//:out")
}

func (s *suite) build(t *testing.T, endpoint string, flags ...string) *bed.Build {
	t.Helper()
	return s.start(t, endpoint, flags...).Wait(t)
}

func TestEndpoints(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("PAGE")))
	if err != nil {
		t.Fatal(err)
	}
	s := &suite{client: smallWorkspace(t).Client(t), page: string(page)}
	t.Run("server that works", s.works)
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) { s.fault(t, f) })
	}
	t.Run("no worker, and no message", s.waits)
	t.Run("server that works, at last", s.works)
}

// works checks that a server without a fault runs the action: that the others do not is their faults' doing.
func (s *suite) works(t *testing.T) {
	build := s.build(t, "grpc://"+newServer().start(t)).MustSucceed(t)
	if build.Runners()[bed.Remote] != 1 {
		t.Errorf("got %v, want one remote action", build.Runners())
	}
}

// fault checks that a build with a bad endpoint ends soon, that Bazel's message has the cause, and that the page explains the message.
func (s *suite) fault(t *testing.T, f fault) {
	build := s.build(t, f.endpoint(t), f.flags...).MustFail(t, f.code, f.words...)
	if !strings.Contains(build.Log, f.reason) {
		t.Errorf("Bazel's messages lack %q:\n%s", f.reason, build.Log)
	}
	s.explained(t, f.words...)
	for _, spawn := range build.Spawns {
		if spawn.ExitCode == 0 {
			t.Errorf("%s: got exit code 0 by %s, want a failure", spawn.Name(), spawn.Runner)
		}
	}
}

// waits checks that no timeout of Bazel ends the wait for a worker, and that the page names the word that Bazel shows meanwhile.
func (s *suite) waits(t *testing.T) {
	server := newServer()
	reached, release := server.holding(execute)
	running := s.start(t, "grpc://"+server.start(t), append([]string{"--show_progress"}, impatient...)...)
	running.Until(t, reached)
	// Three times what Bazel would wait for an answer of another method, and try again.
	time.Sleep(6 * time.Second)
	release()
	build := running.Wait(t).MustSucceed(t)
	const word = "[Sched]"
	if !strings.Contains(build.Log, word) {
		t.Errorf("Bazel's messages lack %q:\n%s", word, build.Log)
	}
	s.explained(t, word)
}

// explained checks that the page has words of Bazel.
func (s *suite) explained(t *testing.T, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(s.page, word) {
			t.Errorf("docs/remote-troubleshooting.md does not explain %q", word)
		}
	}
}
