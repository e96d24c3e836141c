// SPDX-License-Identifier: Apache-2.0

package corpora_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// archive is an archive of Debian's.
type archive struct {
	name string // with lib and .a
	env  string // the variable with its path in the runfiles
	// separate are members that are left out of the partial link: they define symbols that a program's startup objects may define as well, and only
	// the final link knows whether they are needed.
	separate []string
}

var archives = []archive{
	// _dl_relocate_static_pie is in crt1.o for programs at fixed addresses, __dso_handle is in crtbegin*.o.
	{"libc.a", "LIBC", []string{"dl-reloc-static-pie.o", "dso_handle.o"}},
	{"libm.a", "LIBM", nil},
	{"libstdc++.a", "LIBSTDCXX", nil},
}

// path returns the archive's path.
func (a *archive) path(t *testing.T) string {
	t.Helper()
	place := os.Getenv(a.env)
	if place == "" {
		t.Fatalf("%s is not set", a.env)
	}
	path, err := filepath.Abs(filepath.Join("..", place))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// split returns an archive of the members to link, and the names of the separate members, which it extracts to dir.
func (a *archive) split(t *testing.T, dir string) (path string, separate []string) {
	t.Helper()
	if len(a.separate) == 0 {
		return a.path(t), nil
	}
	path = filepath.Join(dir, "joined-"+a.name)
	data, err := os.ReadFile(a.path(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	before := len(strings.Fields(peer(t, dir, "ar", "t", path)))
	peer(t, dir, "ar", append([]string{"x", path}, a.separate...)...)
	peer(t, dir, "ar", append([]string{"d", path}, a.separate...)...)
	if after := len(strings.Fields(peer(t, dir, "ar", "t", path))); after != before-len(a.separate) {
		t.Fatalf("%s: got %d of %d members left, want %d less", a.name, after, before, len(a.separate))
	}
	return path, a.separate
}

// peer runs a program of //toolchain/peers in a directory and returns its output.
func peer(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	out, code := run(t, dir, "toolchain/peers/"+name, args...)
	if code != 0 {
		t.Fatalf("%s %s: exit code %d\n%s", name, strings.Join(args, " "), code, out)
	}
	return out
}

// hyplink runs hyplink in a directory.
func hyplink(t *testing.T, dir string, args ...string) {
	t.Helper()
	if out, code := run(t, dir, "tools/hyplink/hyplink_/hyplink", args...); code != 0 || out != "" {
		t.Fatalf("hyplink %s: exit code %d\n%s", strings.Join(args, " "), code, out)
	}
}

// run runs a program in the runfiles and returns its output and exit code.
func run(t *testing.T, dir, program string, args ...string) (string, int) {
	t.Helper()
	path, err := filepath.Abs(program)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	cmd.Env = []string{"TMPDIR=" + t.TempDir()}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}
