// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// BuildBox is a running buildbox-casd: CAS, action cache and execution in one server. Each action runs in bubblewrap, in a root directory that has the
// action's inputs and nothing else, unless an option says otherwise.
type BuildBox struct {
	root    Root
	dir     string
	options BuildBoxOptions
	process *process
}

// BuildBoxOptions are what differs between servers.
type BuildBoxOptions struct {
	Jobs int // actions at once; 0: 2
	// Mounts are directories of the host that actions see, as "HOST:INSIDE", or "NAME:HOST:INSIDE" for those with the platform property inject=NAME alone.
	Mounts []string
	// Binds are the host's directories of Mounts; the server needs to see them.
	Binds []string
	Args  []string // further arguments of buildbox-casd
	// Prefix is a command that runs the server, such as that of //tests/remote/emulate.
	Prefix []string
}

// Root is an unpacked root directory with BuildBox and bubblewrap, usr/bin and usr/lib.
type Root string

// FindRoot returns the root directory that a program of it, as the runfiles have it, is in.
func FindRoot(program string) (Root, error) {
	real, err := filepath.EvalSymlinks(program)
	if err != nil {
		return "", err
	}
	root, ok := strings.CutSuffix(real, "/usr/bin/"+filepath.Base(program))
	if !ok {
		return "", fmt.Errorf("%s: its real path is %s; want one in usr/bin of a root directory", program, real)
	}
	return Root(root), nil
}

const libraries = "/usr/lib/x86_64-linux-gnu"

// Bwrap returns a command that runs bubblewrap, without the environment of the test.
func (r Root) Bwrap(args ...string) *exec.Cmd {
	loader := string(r) + libraries + "/ld-linux-x86-64.so.2"
	cmd := exec.Command(loader, append([]string{"--library-path", string(r) + libraries, string(r) + "/usr/bin/bwrap"}, args...)...)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}
	return cmd
}

// InstallBwrap writes a program bwrap to a directory, for PATH.
func (r Root) InstallBwrap(dir string) error {
	cmd := r.Bwrap()
	quoted := make([]string, len(cmd.Args))
	for i, arg := range cmd.Args {
		quoted[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	text := "#!/bin/sh\nexec " + strings.Join(quoted, " ") + " \"$@\"\n"
	return os.WriteFile(filepath.Join(dir, "bwrap"), []byte(text), 0o755)
}

// CheckNamespaces returns an error if this machine does not let bubblewrap make namespaces.
func (r Root) CheckNamespaces() error {
	out, err := r.Bwrap("--dev-bind", "/", "/", "true").CombinedOutput()
	if err != nil {
		return fmt.Errorf("this machine cannot make namespaces, which remote execution is tested in (%w: %s); allow user namespaces, or in a container "+
			"all privileges", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// StartBuildBox starts a server with all its files in a directory. The directory's path must be short: a socket's name has at most 107 bytes.
func StartBuildBox(root Root, dir string, options BuildBoxOptions) (*BuildBox, error) {
	if options.Jobs == 0 {
		options.Jobs = 2
	}
	b := &BuildBox{root: root, dir: dir, options: options}
	return b, b.Start()
}

func (b *BuildBox) socket() string { return filepath.Join(b.dir, "socket") }

// Store is the directory with the server's blobs and action results.
func (b *BuildBox) Store() string { return filepath.Join(b.dir, "store") }

// Target is the server's address for proxy.Start.
func (b *BuildBox) Target() string { return "unix:" + b.socket() }

// Log is the file with the server's output.
func (b *BuildBox) Log() string { return filepath.Join(b.dir, "log") }

// Start starts the server again, with the files that it had.
func (b *BuildBox) Start() error {
	if err := os.MkdirAll(b.Store(), 0o755); err != nil {
		return err
	}
	if err := os.RemoveAll(b.socket()); err != nil {
		return err
	}
	args := []string{
		"--ro-bind", string(b.root) + "/usr/bin", "/usr/bin",
		"--ro-bind", string(b.root) + libraries, libraries,
		"--symlink", libraries[1:], "/lib64",
		"--symlink", "usr/lib", "/lib",
		"--dev-bind", "/dev", "/dev",
		// Not --proc and no namespace of process IDs: BuildBox's own bubblewrap could not make its namespaces.
		"--bind", "/proc", "/proc",
		"--bind", "/sys", "/sys",
		"--tmpfs", "/tmp",
		"--bind", b.dir, b.dir,
	}
	for _, directory := range b.options.Binds {
		args = append(args, "--ro-bind", directory, directory)
	}
	args = append(args, "--die-with-parent", "/usr/bin/buildbox-casd",
		"--bind", b.Target(),
		"--buildbox-run", "/usr/bin/buildbox-run-bubblewrap",
		"--jobs", fmt.Sprint(b.options.Jobs),
		"--log-level", "info")
	for _, mount := range b.options.Mounts {
		args = append(args, "--runner-arg=--ro-bind-mount="+mount)
	}
	args = append(append(args, b.options.Args...), b.Store())
	cmd := b.root.Bwrap(args...)
	if prefix := b.options.Prefix; len(prefix) > 0 {
		cmd = exec.Command(prefix[0], append(prefix[1:len(prefix):len(prefix)], cmd.Args...)...)
		cmd.Env = b.root.Bwrap().Env
	}
	var err error
	b.process, err = start(cmd, b.Log(), "unix", b.socket())
	return err
}

// Kill ends the server and its actions at once, as a crash would.
func (b *BuildBox) Kill() error { return b.process.kill() }

// Blob is the file in which the server stores a blob, given its SHA-256 in hexadecimal.
func (b *BuildBox) Blob(hash string) string {
	return filepath.Join(b.Store(), "cas", "objects", hash[:2], hash[2:])
}
