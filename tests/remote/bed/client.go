// SPDX-License-Identifier: Apache-2.0

package bed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// commandTimeout is the longest that a command of Bazel may take, less than a test may. Emulated compilers take minutes, and several times that on a busy machine.
const commandTimeout = 30 * time.Minute

// Client is Bazel in a workspace, with an output base of its own.
type Client struct {
	Workspace *Workspace
	base      string
	program   string
	startup   []string
	env       []string
	builds    int
}

// Client returns Bazel for the workspace. Its server is shut down, and what it built removed, when the test ends. The startup options come after
// --output_base.
func (w *Workspace) Client(t testing.TB, startup ...string) *Client {
	t.Helper()
	dir := shortDir(t)
	c := &Client{Workspace: w, base: filepath.Join(dir, "base")}
	c.program, c.env = w.Bazel(t)
	// A client that was killed leaves no server for long.
	c.startup = append([]string{"--output_base=" + c.base, "--max_idle_secs=120"}, startup...)
	t.Cleanup(func() {
		if r := c.run("shutdown"); r.err != nil {
			t.Errorf("bazel shutdown: %v\n%s", r.err, r.log)
		}
	})
	return c
}

// Bazel returns Bazel for the workspace and its environment, for a program that starts it.
func (w *Workspace) Bazel(t testing.TB) (program string, env []string) {
	t.Helper()
	program = filepath.Join(w.Dir, "bazelw")
	if given := os.Getenv("RULES_HYP_BAZEL"); given != "" {
		program = given
	}
	// bazelw needs bubblewrap, which its own root directory does not have.
	bin := shortDir(t)
	if err := findRoot(t).InstallBwrap(bin); err != nil {
		t.Fatal(err)
	}
	self, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	env = []string{
		"PATH=" + bin + ":" + os.Getenv("PATH"),
		"HOME=" + self.HomeDir,
		"USER=" + self.Username,
		"TMPDIR=/tmp",
		"LC_ALL=C.UTF-8",
	}
	for _, name := range []string{"BAZELW_MODE", "XDG_CACHE_HOME", "RULES_HYP_DEBIAN_MIRROR", "GOPROXY"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return program, env
}

// Impersonate makes the client run as if another user had started it, in another locale and time zone. bazelw's cache stays the same.
func (c *Client) Impersonate(t testing.TB, name string) {
	t.Helper()
	home := shortDir(t)
	var cache string
	for i, setting := range c.env {
		if value, ok := strings.CutPrefix(setting, "HOME="); ok {
			cache, c.env[i] = filepath.Join(value, ".cache"), "HOME="+home
		}
	}
	if given := os.Getenv("XDG_CACHE_HOME"); given != "" {
		cache = given
	}
	// Of two settings of one variable the last counts.
	c.env = append(c.env, "USER="+name, "LOGNAME="+name, "XDG_CACHE_HOME="+cache, "LC_ALL=C", "TZ=Asia/Tokyo")
}

type result struct {
	code   int
	stdout string
	log    string // standard error
	err    error
}

// command prepares a command of Bazel in the workspace.
func (c *Client) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.program, append(append([]string(nil), c.startup...), args...)...)
	cmd.Dir = c.Workspace.Dir
	cmd.Env = c.env
	// Bazel cancels the build, as by the interrupt key.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = time.Minute
	return cmd
}

func (c *Client) run(args ...string) result {
	ctx, cancel := context.WithTimeout(context.Background(), commandTimeout)
	defer cancel()
	cmd := c.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		fmt.Fprintf(&stderr, "ended by the test, after %v\n", commandTimeout)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String(), err}
}

// Run runs a command that must succeed, and returns its standard output.
func (c *Client) Run(t testing.TB, args ...string) string {
	t.Helper()
	r := c.run(args...)
	if r.err != nil {
		t.Fatalf("bazel %s: %v\n%s%s", strings.Join(args, " "), r.err, r.stdout, r.log)
	}
	return r.stdout
}

// Clean removes what was built. Repositories stay, and the server runs on.
func (c *Client) Clean(t testing.TB) {
	t.Helper()
	c.Run(t, "clean")
}

// Build is a build that ended.
type Build struct {
	Code    int           // Bazel's exit code
	Log     string        // Bazel's messages
	Spawns  []Spawn       // what was run, or found in a cache; nothing for actions that were up to date
	Elapsed time.Duration // from start to end of the command
}

// Build builds a target. The build may fail.
func (c *Client) Build(t testing.TB, flags []string, targets ...string) *Build {
	t.Helper()
	return c.Start(t, flags, targets...).Wait(t)
}

// Running is a build that was started.
type Running struct {
	done   chan struct{} // closed at the end
	result result        // after that
	log    string
	start  time.Time
}

// Start starts a build.
func (c *Client) Start(t testing.TB, flags []string, targets ...string) *Running {
	t.Helper()
	c.builds++
	log := filepath.Join(filepath.Dir(c.base), fmt.Sprintf("spawns%d.json", c.builds))
	args := append([]string{"build", "--color=no", "--curses=no", "--noshow_progress", "--execution_log_json_file=" + log}, flags...)
	args = append(append(args, "--"), targets...)
	r := &Running{done: make(chan struct{}), log: log, start: time.Now()}
	go func() {
		r.result = c.run(args...)
		close(r.done)
	}()
	return r
}

// Until waits for an event of a build that runs. A build that ends without it fails the test.
func (r *Running) Until(t testing.TB, event <-chan struct{}) {
	t.Helper()
	select {
	case <-event:
	case <-r.done:
		t.Fatalf("bazel build ended too early: %v\n%s", r.result.err, r.result.log)
	}
}

// Wait waits for the end of a build.
func (r *Running) Wait(t testing.TB) *Build {
	t.Helper()
	<-r.done
	result := r.result
	var exit *exec.ExitError
	if result.err != nil && !errors.As(result.err, &exit) {
		t.Fatalf("%v\n%s", result.err, result.log)
	}
	spawns, err := readSpawns(r.log)
	if err != nil {
		t.Fatalf("%v\n%s", err, result.log)
	}
	return &Build{Code: result.code, Log: result.log, Spawns: spawns, Elapsed: time.Since(r.start)}
}

// Output reads a file that was built, by its path in bazel-bin.
func (c *Client) Output(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(c.OutputPath(path))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// OutputPath returns the path of a file in bazel-bin.
func (c *Client) OutputPath(path string) string {
	return filepath.Join(c.Workspace.Dir, "bazel-bin", path)
}

// MustSucceed fails the test if the build failed.
func (b *Build) MustSucceed(t testing.TB) *Build {
	t.Helper()
	if b.Code != 0 {
		t.Fatalf("bazel build: exit code %d\n%s", b.Code, b.Log)
	}
	return b
}

// MustFail fails the test unless the build ended with one exit code and messages that have each of some words.
func (b *Build) MustFail(t testing.TB, code int, words ...string) *Build {
	t.Helper()
	if b.Code != code {
		t.Fatalf("bazel build: exit code %d, want %d\n%s", b.Code, code, b.Log)
	}
	for _, word := range words {
		if !strings.Contains(b.Log, word) {
			t.Errorf("bazel build: the messages lack %q\n%s", word, b.Log)
		}
	}
	return b
}
