// SPDX-License-Identifier: Apache-2.0

// Package bed is a test bed for remote execution: a server that somebody else wrote, our proxy before it, and Bazel, which builds a copy of this
// repository.
//
//	func TestRemote(t *testing.T) {
//		b := bed.New(t, engine.BuildBoxOptions{}) // server and proxy
//		w := bed.NewWorkspace(t)                  // a copy of the repository, with prebuilt tools
//		c := w.Client(t)                          // Bazel with an output base of its own, shut down when the test ends
//		build := c.Build(t, b.Flags(), "//arch/arm64/kvm/hyp:hyp_o").MustSucceed(t)
//		build.Runners() // map[remote:39]
//		c.Output(t, "arch/arm64/kvm/hyp/hyp_o/hyp.o")
//	}
//
// A Client costs a minute, in which it fetches repositories and starts, so that tests share one: subtests call Clean, or edit the workspace and restore
// it. Two Clients of one Workspace must not be used at once. A Bed costs a second: a test that needs an empty cache starts another.
//
// A test's BUILD file uses remote_test of //tests/remote:remote_test.bzl, which gives it all that this package reads. The Bazel that is run is the one
// that the workspace's bazelw picks; with --test_env=RULES_HYP_BAZEL=PROGRAM another. Repositories come from its repository cache: what is there is
// not downloaded again.
//
// On a machine that cannot make namespaces, New fails the test and says so.
package bed

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/remote/engine"
	"github.com/rules-hyp/rules_hyp/tests/remote/proxy"
)

// Bed is a server, and a proxy before it.
type Bed struct {
	Server *engine.BuildBox // nil for Bazel's own worker
	Proxy  *proxy.Proxy
}

// New starts a server with an empty cache, and a proxy. Both are stopped when the test ends.
func New(t testing.TB, options engine.BuildBoxOptions) *Bed {
	t.Helper()
	root := findRoot(t)
	if err := root.CheckNamespaces(); err != nil {
		t.Fatal(err)
	}
	server, err := engine.StartBuildBox(root, serverDir(t), options)
	if err != nil {
		t.Fatal(err)
	}
	return &Bed{server, startProxy(t, server)}
}

// NewWorker starts Bazel's own worker with an empty cache, and a proxy. Both are stopped when the test ends. The test's BUILD file names the worker with
// worker = True.
func NewWorker(t testing.TB) *Bed {
	t.Helper()
	bwrap := findRoot(t)
	if err := bwrap.CheckNamespaces(); err != nil {
		t.Fatal(err)
	}
	root, err := engine.FindWorkerRoot(runfile(t, "WORKER"))
	if err != nil {
		t.Fatal(err)
	}
	server, err := engine.StartWorker(bwrap, root, serverDir(t))
	if err != nil {
		t.Fatal(err)
	}
	return &Bed{nil, startProxy(t, server)}
}

// server is what the two servers have in common.
type server interface {
	Target() string
	Kill() error
}

// startProxy starts a proxy before a server. Both are stopped when the test ends.
func startProxy(t testing.TB, s server) *proxy.Proxy {
	t.Helper()
	t.Cleanup(func() {
		if err := s.Kill(); err != nil {
			t.Error(err)
		}
	})
	p, err := proxy.Start(s.Target())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// Restart starts the server again after Kill, with what it had stored.
func (b *Bed) Restart(t testing.TB) {
	t.Helper()
	if err := b.Server.Start(); err != nil {
		t.Fatal(err)
	}
}

// Flags are the flags of a build that runs every action on the server, and none here.
func (b *Bed) Flags() []string { return RemoteFlags(b.Proxy.Endpoint()) }

// RemoteFlags are the flags of a build that runs every action on a server, and none here: those of docs/remote.md, with fewer actions at once.
func RemoteFlags(endpoint string) []string {
	return []string{"--config=remote", "--remote_executor=" + endpoint, "--jobs=8"}
}

// findRoot returns the root directory with BuildBox and bubblewrap.
func findRoot(t testing.TB) engine.Root {
	t.Helper()
	root, err := engine.FindRoot(runfile(t, "BUILDBOX"))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// runfile returns the path of the file that an environment variable of remote_test names.
func runfile(t testing.TB, variable string) string {
	t.Helper()
	name, directory := os.Getenv(variable), os.Getenv("TEST_SRCDIR")
	if name == "" || directory == "" {
		t.Fatalf("%s is not set; run this by `bazel test`, with remote_test in the BUILD file", variable)
	}
	return filepath.Join(directory, name)
}

// memory is a file system in memory. A server makes hundreds of links for each action, which takes most of a small action's time on a disk.
const memory = "/dev/shm"

// serverSpace is what a server may store, in bytes: a few times what the kernel's object needs.
const serverSpace = 4 << 30

// serverDir returns a new directory for a server, in memory if there is room, which in a container there often is not. It is removed when the test ends.
func serverDir(t testing.TB) string {
	t.Helper()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err == nil && fs.Bavail*uint64(fs.Bsize) >= serverSpace {
		return shortDirIn(t, memory)
	}
	return shortDir(t)
}

// shortDir returns a new directory whose path fits in the name of a socket. It is removed when the test ends.
func shortDir(t testing.TB) string {
	t.Helper()
	return shortDirIn(t, "/tmp")
}

func shortDirIn(t testing.TB, parent string) string {
	t.Helper()
	dir, err := os.MkdirTemp(parent, "hyp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { removeAll(t, dir) })
	return dir
}

// removeAll removes a directory in which servers and Bazel make some directories read-only.
func removeAll(t testing.TB, dir string) {
	filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			os.Chmod(path, 0o755)
		}
		return nil
	})
	if err := os.RemoveAll(dir); err != nil {
		t.Logf("cannot clean up: %v", err)
	}
}
