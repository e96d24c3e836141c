// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Worker is Bazel's own server for tests of remote execution: CAS, action cache and execution in one Java program. Actions run in a Debian root directory
// with a shell, without a sandbox.
type Worker struct {
	bwrap, root Root
	dir         string
	address     string
	process     *process
}

// The worker's main class, and where its source is in Bazel's.
const (
	workerClass  = "com.google.devtools.build.remote.worker.RemoteWorker"
	workerSource = "usr/src/bazel-bootstrap"
)

// workerJars are the libraries that the worker is compiled with and needs.
var workerJars = []string{
	"flogger", "flogger-system-backend", "google-extensions",
	"grpc-api", "grpc-context", "grpc-core", "grpc-netty", "grpc-protobuf", "grpc-protobuf-lite", "grpc-stub",
	"jsr305", "perfmark-api", "reactive-streams", "rxjava",
}

// FindWorkerRoot returns the root directory that a file of Bazel's, as the runfiles have it, is in.
func FindWorkerRoot(server string) (Root, error) {
	real, err := filepath.EvalSymlinks(server)
	if err != nil {
		return "", err
	}
	root, ok := strings.CutSuffix(real, "/usr/share/bazel/"+filepath.Base(server))
	if !ok {
		return "", fmt.Errorf("%s: its real path is %s; want one in usr/share/bazel of a root directory", server, real)
	}
	return Root(root), nil
}

// StartWorker compiles and starts a worker with all its files in a directory. bwrap is the root directory with bubblewrap.
func StartWorker(bwrap, root Root, dir string) (*Worker, error) {
	w := &Worker{bwrap: bwrap, root: root, dir: dir}
	for _, name := range []string{"cas", "work", "classes"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			return nil, err
		}
	}
	if err := w.compile(); err != nil {
		return nil, err
	}
	return w, w.Start()
}

// Target is the server's address for proxy.Start.
func (w *Worker) Target() string { return w.address }

// Kill ends the server and its actions at once, as a crash would.
func (w *Worker) Kill() error { return w.process.kill() }

// Start starts the server, on a port that the system chose.
func (w *Worker) Start() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	w.address = listener.Addr().String()
	_, port, err := net.SplitHostPort(w.address)
	if err != nil {
		return err
	}
	if err := listener.Close(); err != nil {
		return err
	}
	w.process, err = start(w.java(
		"-Xmx1g", "-cp", filepath.Join(w.dir, "classes")+":"+w.classPath(), workerClass,
		"--work_path="+filepath.Join(w.dir, "work"),
		"--cas_path="+filepath.Join(w.dir, "cas"),
		"--listen_port="+port,
		"--jobs=2",
	), filepath.Join(w.dir, "log"), "tcp", w.address)
	return err
}

// java returns a command that runs Java in the worker's root directory.
func (w *Worker) java(args ...string) *exec.Cmd {
	root := string(w.root)
	return w.bwrap.Bwrap(append([]string{
		"--ro-bind", root + "/usr", "/usr",
		"--symlink", libraries[1:], "/lib64",
		"--symlink", "usr/lib", "/lib",
		"--symlink", "usr/bin", "/bin",
		"--dev-bind", "/dev", "/dev",
		"--bind", "/proc", "/proc",
		"--tmpfs", "/tmp",
		// The absolute symlinks of the Java runtime point there.
		"--ro-bind", root, root,
		"--bind", w.dir, w.dir,
		"--chdir", w.dir,
		"--die-with-parent",
		// The worker looks for programs of its own there, which only a sandbox would need.
		"--setenv", "JAVA_RUNFILES", w.dir,
		"/usr/lib/jvm/java-25-openjdk-amd64/bin/java",
	}, args...)...)
}

func (w *Worker) classPath() string {
	path := "/usr/share/bazel/A-server.jar"
	for _, name := range workerJars {
		path += ":/usr/share/java/" + name + ".jar"
	}
	return path
}

// compile compiles the worker, which Debian has as source only. It would listen on all of the machine's addresses; its source is changed so that it
// listens on loopback.
func (w *Worker) compile() error {
	sources := filepath.Join(w.dir, "src")
	for _, below := range []string{"src/tools/remote/src/main", "tools/java/runfiles"} {
		if err := copyTree(filepath.Join(string(w.root), workerSource, below), filepath.Join(sources, below)); err != nil {
			return err
		}
	}
	main := filepath.Join(sources, "src/tools/remote/src/main/java", strings.ReplaceAll(workerClass, ".", "/")+".java")
	text, err := os.ReadFile(main)
	if err != nil {
		return err
	}
	const everywhere = "NettyServerBuilder.forPort(workerOptions.listenPort)"
	const loopback = "NettyServerBuilder.forAddress(new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), workerOptions.listenPort))"
	if strings.Count(string(text), everywhere) != 1 {
		return fmt.Errorf("%s: want one %s; adapt this to Bazel's version", main, everywhere)
	}
	if err := os.WriteFile(main, []byte(strings.ReplaceAll(string(text), everywhere, loopback)), 0o644); err != nil {
		return err
	}
	var files []string
	err = filepath.WalkDir(sources, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".java" && !strings.Contains(path, "/testing/") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	out, err := w.java(append([]string{
		"-cp", "/usr/share/java/eclipse-jdt-core-compiler-batch.jar", "org.eclipse.jdt.internal.compiler.batch.Main",
		"-21", "-nowarn", "-proc:none", "-d", filepath.Join(w.dir, "classes"), "-cp", w.classPath(),
	}, files...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("cannot compile Bazel's worker: %w\n%s", err, out)
	}
	return nil
}

func copyTree(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.CopyFS(to, os.DirFS(from))
}
