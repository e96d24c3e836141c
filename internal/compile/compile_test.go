package compile

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain makes the test binary a compiler when COMPILE_TEST is set.
func TestMain(m *testing.M) {
	if mode := os.Getenv("COMPILE_TEST"); mode != "" {
		os.Exit(compiler(mode, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// compiler acts like a compiler that reads a.c and used.h; its last argument is the dependency file.
func compiler(mode string, args []string) int {
	depFile := args[len(args)-1]
	switch mode {
	case "fails":
		os.Stderr.WriteString("a.c:1:1: error: no\n")
		return 3
	case "leaves nothing":
		return 0
	case "leaves nonsense":
		os.WriteFile(depFile, []byte("nothing here\n"), 0o644)
		return 0
	}
	os.Stdout.WriteString(os.Getenv("PWD") + "\n" + strings.Join(args[:len(args)-1], " "))
	if err := os.WriteFile(depFile, []byte("a.o: a.c \\\n used.h\n"), 0o644); err != nil {
		return 1
	}
	return 0
}

// runMode runs the test binary as a compiler in the mode given, in a new directory.
func runMode(t *testing.T, mode string) (dir, stdout, stderr string, err error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("COMPILE_TEST", mode)
	dir = t.TempDir()
	list := filepath.Join(dir, "headers")
	if err := os.WriteFile(list, []byte("used.h\nunused.h\ndata.bin\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	command := &Command{Args: []string{self, "-c", "a.c"}, Headers: list, Unused: filepath.Join(dir, "unused"), Stdout: &out, Stderr: &errs}
	err = command.Run()
	return dir, out.String(), errs.String(), err
}

func TestRunListsUnreadHeaders(t *testing.T) {
	dir, stdout, _, err := runMode(t, "works")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "unused"))
	if err != nil || string(got) != "unused.h\n" {
		t.Errorf("unused list = %q, %v; want unused.h only", got, err)
	}
	if want := "/proc/self/cwd\n-c a.c -MD -MF"; stdout != want {
		t.Errorf("the compiler saw %q; want %q", stdout, want)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "unused.*")); len(left) != 0 {
		t.Errorf("files left: %q", left)
	}
}

func TestRunFailuresLeaveNoList(t *testing.T) {
	for _, tt := range []struct {
		mode   string
		code   int // of the compiler
		says   string
		stderr string
	}{
		{"fails", 3, "exit status 3", "a.c:1:1: error: no\n"},
		{"leaves nothing", 0, "no dependency file", ""},
		{"leaves nonsense", 0, "no `target:`", ""},
	} {
		t.Run(tt.mode, func(t *testing.T) {
			dir, _, stderr, err := runMode(t, tt.mode)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("error %v; want one that says %q", err, tt.says)
			}
			var exit *exec.ExitError
			if errors.As(err, &exit) != (tt.code != 0) || tt.code != 0 && exit.ExitCode() != tt.code {
				t.Errorf("error %v; want exit code %d of the compiler", err, tt.code)
			}
			if stderr != tt.stderr {
				t.Errorf("standard error = %q; want %q", stderr, tt.stderr)
			}
			if _, err := os.Stat(filepath.Join(dir, "unused")); err == nil {
				t.Error("an unused list was left")
			}
		})
	}
}

func TestRunNamesACompilerThatDoesNotExist(t *testing.T) {
	dir := t.TempDir()
	command := &Command{Args: []string{dir + "/no-such-gcc"}, Headers: dir + "/h", Unused: dir + "/u", Stdout: os.Stdout, Stderr: os.Stderr}
	if err := command.Run(); err == nil || !strings.Contains(err.Error(), "no-such-gcc") {
		t.Errorf("error %v; want one that names the compiler", err)
	}
}
