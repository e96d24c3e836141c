// SPDX-License-Identifier: Apache-2.0

package fileio

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// text returns a function that writes a text, the second half first.
func text(s string) func(*os.File) error {
	return func(f *os.File) error {
		half := len(s) / 2
		if _, err := f.WriteAt([]byte(s[half:]), int64(half)); err != nil {
			return err
		}
		_, err := f.WriteAt([]byte(s[:half]), 0)
		return err
	}
}

// checkFiles checks that a directory has exactly these files.
func checkFiles(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		found = append(found, e.Name())
	}
	slices.Sort(names)
	if !slices.Equal(found, names) {
		t.Errorf("the directory has %q, want %q", found, names)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// ways are to write through an unnamed file, and as on a file system
// without unnamed files.
var ways = map[string]func(Output, string, os.FileInfo, func(*os.File) error) error{
	"unnamed": Output.replace,
	"named":   Output.replaceNamed,
}

func TestReplace(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o027))
	for way, replace := range ways {
		for _, c := range []struct {
			name string
			old  os.FileMode // of the existing file; 0: none
			want os.FileMode
		}{
			{"new", 0, 0o640},
			{"private", 0o600, 0o600},
			{"executable", 0o755, 0o755},
			{"world-writable", 0o666, 0o666},
			{"read-only", 0o444, 0o444},
		} {
			t.Run(way+"/"+c.name, func(t *testing.T) {
				dir := t.TempDir()
				path := filepath.Join(dir, "out")
				var st os.FileInfo
				if c.old != 0 {
					if err := os.WriteFile(path, []byte("old contents"), 0o600); err != nil {
						t.Fatal(err)
					}
					if err := os.Chmod(path, c.old); err != nil {
						t.Fatal(err)
					}
					var err error
					if st, err = os.Stat(path); err != nil {
						t.Fatal(err)
					}
				}
				o := Output{Path: path}
				failure := errors.New("the reason")
				if err := replace(o, path, st, func(f *os.File) error { _ = text("half")(f); return failure }); err != failure {
					t.Errorf("error is %v", err)
				}
				if st == nil {
					checkFiles(t, dir)
				} else if got := read(t, path); got != "old contents" {
					t.Errorf("after an error the file has %q", got)
				}
				if err := replace(o, path, st, text("contents")); err != nil {
					t.Fatal(err)
				}
				checkFiles(t, dir, "out")
				if got := read(t, path); got != "contents" {
					t.Errorf("the file has %q", got)
				}
				if st, err := os.Stat(path); err != nil || st.Mode() != c.want {
					t.Errorf("mode is %v, want %v", st.Mode(), c.want)
				}
			})
		}
	}
}

// A file keeps its owner, even if root writes it.
func TestOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(path, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	// In a user namespace even root may not give files away.
	want := os.Geteuid()
	if os.Chown(path, 12345, 12345) == nil {
		want = 12345
	}
	if err := Write(path, text("contents")); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := st.Sys().(*syscall.Stat_t); int(got.Uid) != want || st.Mode() != 0o640 {
		t.Errorf("owner is %d, want %d; mode is %v", got.Uid, want, st.Mode())
	}
}

// Symbolic links stay, and their target is written: chains of links and dangling
// links.
func TestSymbolicLinks(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"a": "sub/b", "sub/b": "../c", "dangling": "sub/new", "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "c"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, file := range map[string]string{"a": "c", "dangling": "sub/new"} {
		if err := Write(filepath.Join(dir, link), text(link)); err != nil {
			t.Fatal(err)
		}
		if st, err := os.Lstat(filepath.Join(dir, link)); err != nil || st.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is not a symbolic link any more", link)
		}
		if st, err := os.Lstat(filepath.Join(dir, file)); err != nil || !st.Mode().IsRegular() || read(t, filepath.Join(dir, file)) != link {
			t.Errorf("%s does not have what was written through %s", file, link)
		}
	}
	err := Write(filepath.Join(dir, "loop"), text("x"))
	if want := "loop: cannot be written: too many levels of symbolic links; "; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want %s", err, want)
	}
	checkFiles(t, dir, "a", "c", "dangling", "loop", "sub")
}

// Devices are written to and not replaced.
func TestDevices(t *testing.T) {
	before, err := os.Lstat("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	if err := Write("/dev/null", text("contents")); err != nil {
		t.Error(err)
	}
	if after, err := os.Lstat("/dev/null"); err != nil || after.Mode() != before.Mode() || !os.SameFile(before, after) {
		t.Errorf("/dev/null was %v and is now %v", before, after)
	}
	err = Write("/dev/full", text("contents"))
	if want := "/dev/full: cannot be written: no space left on device; check that the directory exists, is writable and has room"; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	failure := errors.New("the reason")
	if err := Write("/dev/full", func(*os.File) error { return failure }); err != failure {
		t.Errorf("error is %v", err)
	}
}

// A FIFO gets all bytes in order and is not replaced.
func TestFIFO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("0123456789", 100000)
	got := make(chan string)
	go func() {
		f, err := os.Open(path)
		if err != nil {
			t.Error(err)
		}
		defer f.Close()
		b, _ := io.ReadAll(f)
		got <- string(b)
	}()
	if err := Write(path, text(want)); err != nil {
		t.Fatal(err)
	}
	if s := <-got; s != want {
		t.Errorf("%d of %d bytes arrived", len(s), len(want))
	}
	if st, err := os.Lstat(path); err != nil || st.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("mode is now %v", st.Mode())
	}
}

// An open file is written to at its offset and not replaced.
func TestDescriptor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("first\n"); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"/dev/fd", "/proc/self/fd"} {
		if err := Write(fmt.Sprintf("%s/%d", dir, f.Fd()), text("more\n")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.WriteString("last\n"); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); got != "first\nmore\nmore\nlast\n" {
		t.Errorf("the file has %q", got)
	}
	err = Write("/dev/fd/999", text("x"))
	if err == nil || !strings.HasPrefix(err.Error(), "/dev/fd/999: cannot be written: bad file descriptor") {
		t.Errorf("error is %v", err)
	}
}

// The output may have the longest possible name.
func TestLongName(t *testing.T) {
	dir := t.TempDir()
	for way, replace := range ways {
		name := way + strings.Repeat("n", 255-len(way))
		path := filepath.Join(dir, name)
		for range 2 {
			st, _ := os.Stat(path)
			if err := replace(Output{Path: path}, path, st, text(way)); err != nil {
				t.Fatal(err)
			}
		}
		if read(t, path) != way {
			t.Errorf("%s: not written", way)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir:                            dir + ": cannot be written: is a directory; give the path of a file",
		filepath.Join(dir, "no/x"):     "no/x: cannot be written: no such file or directory; check that the directory exists, is writable and has room",
		filepath.Join(dir, "file/x"):   "file/x: cannot be written: not a directory; check",
		filepath.Join(dir, "\x00name"): "cannot be written: invalid argument; check",
	} {
		if err := Write(path, text("x")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
	checkFiles(t, dir, "file")
}

// A fatal signal leaves no temporary file, whatever the file system.
func TestSignals(t *testing.T) {
	if dir := os.Getenv("WRITE_UNTIL_KILLED"); dir != "" {
		signal.Reset() // the main function of a Bazel test handles SIGTERM
		path := filepath.Join(dir, "out")
		st, _ := os.Stat(path)
		_ = ways[os.Getenv("WAY")](Output{Path: path}, path, st, func(f *os.File) error {
			_, _ = f.WriteString("half")
			fmt.Println("writing")
			time.Sleep(time.Minute)
			return nil
		})
		return
	}
	// What is handled here has its default action in the processes started here,
	// whatever this process was started with.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Reset()
	for way := range ways {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL} {
			if way == "named" && sig == syscall.SIGKILL {
				continue // cannot be caught
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "out"), []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			c := exec.Command(os.Args[0], "-test.run=^TestSignals$")
			c.Env = append(os.Environ(), "WRITE_UNTIL_KILLED="+dir, "WAY="+way)
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(out, make([]byte, len("writing"))); err != nil {
				t.Fatal(err)
			}
			if err := c.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			var exit *exec.ExitError
			if err := c.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != sig {
				t.Errorf("%s, %v: the process ended with %v", way, sig, err)
			}
			checkFiles(t, dir, "out")
			if got := read(t, filepath.Join(dir, "out")); got != "old" {
				t.Errorf("%s, %v: the file has %q", way, sig, got)
			}
		}
	}
}

// Two paths of one file are found, by links, by directories and before the file
// is there; devices may have two outputs.
func TestSame(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for link, to := range map[string]string{"link": "file", "dangling": "new", "sub": "."} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link("file", "hard"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"file", "file", true},
		{"file", "link", true},
		{"file", "hard", true},
		{"file", "sub/file", true},
		{"file", dir + "/./file", true},
		{"new", "new", true},
		{"new", "dangling", true},
		{"new", "sub/new", true},
		{"file", "new", false},
		{"new", "newer", false},
		{"new", "no/new", false},
		{"/dev/null", "/dev/null", false},
	} {
		if got := Same(c.a, c.b); got != c.want || Same(c.b, c.a) != got {
			t.Errorf("%s and %s: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
