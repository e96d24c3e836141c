// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runfile returns the path of a runfile that the environment names.
func runfile(t *testing.T, variable string) string {
	t.Helper()
	name := os.Getenv(variable)
	if name == "" {
		t.Fatalf("%s is not set; run this by `bazel test`", variable)
	}
	return filepath.Join(os.Getenv("TEST_SRCDIR"), name)
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// A repository is one of git, with the hook and a go command that has only what
// the hook needs of it, so that the test needs neither Go nor its modules.
type repository struct {
	dir string
	env []string
}

func newRepository(t *testing.T) *repository {
	dir := t.TempDir()
	bin := filepath.Join(dir, "bin")
	write(t, bin+"/git", fmt.Sprintf("#!/bin/sh\nexec '%s' \"$@\"\n", runfile(t, "GIT")), 0o777)
	write(t, bin+"/go", fmt.Sprintf("#!/bin/sh\ncase \"$*\" in\n'run ./tests/lint/staged') exec '%s' ;;\n'tool -n buildifier') echo '%s' ;;\n*) exit 9 ;;\nesac\n",
		runfile(t, "STAGED"), runfile(t, "BUILDIFIER")), 0o777)
	hook, err := os.ReadFile(runfile(t, "HOOK"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir+"/hooks/pre-commit", string(hook), 0o777)
	r := &repository{filepath.Join(dir, "work"), []string{
		"PATH=" + bin + ":/usr/bin:/bin", "HOME=" + dir, "TMPDIR=" + t.TempDir(), "GIT_CONFIG_NOSYSTEM=1", "GIT_EXEC_PATH=" + bin,
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
	}}
	write(t, r.dir+"/go.mod", "module a\n\ngo 1.26.0\n", 0o666)
	for _, args := range []string{"init --quiet --template=", "config core.hooksPath ../hooks", "config gc.auto 0", "add go.mod", "commit --quiet -m first"} {
		if text, err := r.git(strings.Fields(args)...); err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, text)
		}
	}
	return r
}

func (r *repository) git(args ...string) (string, error) {
	command := exec.Command(strings.TrimPrefix(strings.Split(r.env[0], ":")[0], "PATH=")+"/git", args...)
	command.Dir, command.Env = r.dir, r.env
	text, err := command.CombinedOutput()
	return string(text), err
}

const (
	license = "SPDX-License-Identifier: Apache-2.0\n"
	goodGo  = "// " + license + "\npackage a\n"
	badGo   = "// " + license + "\npackage  a\n"
)

// The hook refuses a commit for what is staged, and for nothing else.
func TestHook(t *testing.T) {
	for _, c := range []struct {
		name, path, staged, working string // staged, then written without staging
		refused                     string // part of the message; empty: it is committed
	}{
		{"formatted", "a/a.go", goodGo, goodGo, ""},
		{"Go", "a/a.go", badGo, badGo, "a/a.go: not formatted"},
		{"language version", "a.go", goodGo + "\nconst mode = 0644\n", goodGo, "a.go: not formatted"},
		{"staged before it was fixed", "a.go", badGo, goodGo, "a.go: not formatted"},
		{"not staged", "a.go", goodGo, badGo, ""},
		{"Starlark", "a b/BUILD.bazel", "# " + license + "\nexports_files( ['b'] )\n", "", "a b/BUILD.bazel # reformat"},
		{"license", "a.sh", "#!/bin/sh\n", "", "a.sh:2: no license"},
		{"white space", "é.md", "a \n", "", "é.md:1: blanks at the end of the line"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRepository(t)
			write(t, filepath.Join(r.dir, c.path), c.staged, 0o666)
			if text, err := r.git("add", "--all"); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			write(t, filepath.Join(r.dir, c.path), c.working, 0o666)
			text, err := r.git("commit", "-m", "second")
			log, logErr := r.git("log", "--format=%s")
			if logErr != nil {
				t.Fatalf("%v\n%s", logErr, log)
			}
			switch committed := strings.HasPrefix(log, "second\n"); {
			case c.refused == "" && (err != nil || !committed):
				t.Errorf("not committed: %v\n%s", err, text)
			case c.refused != "" && (err == nil || committed || !strings.Contains(text, c.refused)):
				t.Errorf("%v, committed %v, want %q in\n%s", err, committed, c.refused, text)
			}
		})
	}
}

// A removed file is not looked for.
func TestRemoved(t *testing.T) {
	r := newRepository(t)
	for _, args := range []string{"rm --quiet go.mod", "commit --quiet --no-verify -m second"} {
		if text, err := r.git(strings.Fields(args)...); err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, text)
		}
	}
	write(t, r.dir+"/go.mod", "module a\n\ngo 1.26.0\n", 0o666)
	write(t, r.dir+"/a.go", goodGo, 0o666)
	for _, args := range []string{"add --all", "commit --quiet -m third", "rm --quiet a.go", "commit --quiet -m fourth"} {
		if text, err := r.git(strings.Fields(args)...); err != nil {
			t.Errorf("git %s: %v\n%s", args, err, text)
		}
	}
}
