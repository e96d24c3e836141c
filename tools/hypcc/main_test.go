package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test binary stand in for a compiler: hypcc runs it with HYPCC_TEST_COMPILER set.
func TestMain(m *testing.M) {
	if mode := os.Getenv("HYPCC_TEST_COMPILER"); mode != "" {
		os.Exit(compiler(mode, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// compiler writes what a compiler that read a.c and used.h would leave; its last argument but one is -MF.
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

// runMode runs hypcc over the test compiler in the mode given, in a fresh folder.
func runMode(t *testing.T, mode string) (dir, stdout, stderr string, f *failure) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HYPCC_TEST_COMPILER", mode)
	dir = t.TempDir()
	list := filepath.Join(dir, "headers")
	if err := os.WriteFile(list, []byte("used.h\nunused.h\ndata.bin\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	f = run([]string{"--unused=" + filepath.Join(dir, "unused"), "--headers=" + list, "--", self, "-c", "a.c"}, &out, &errs)
	return dir, out.String(), errs.String(), f
}

func TestRunListsUnreadHeaders(t *testing.T) {
	dir, stdout, _, f := runMode(t, "works")
	if f != nil {
		t.Fatalf("failed: %v", f.err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "unused"))
	if err != nil || string(got) != "unused.h\n" {
		t.Errorf("unused list = %q, %v; want unused.h only", got, err)
	}
	if want := "/proc/self/cwd\n-c a.c -MD -MF"; stdout != want {
		t.Errorf("the compiler saw %q; want %q", stdout, want)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "unused.*")); len(left) != 0 {
		t.Errorf("files left behind: %q", left)
	}
}

func TestRunFailuresLeaveNoList(t *testing.T) {
	for _, tt := range []struct {
		mode string
		code int
		says string
	}{
		{"fails", 3, ""},
		{"leaves nothing", exitFailed, "no dependency file"},
		{"leaves nonsense", exitFailed, "no `target:`"},
	} {
		t.Run(tt.mode, func(t *testing.T) {
			dir, _, _, f := runMode(t, tt.mode)
			if f == nil || f.code != tt.code {
				t.Fatalf("failure = %+v; want code %d", f, tt.code)
			}
			if tt.says != "" && (f.err == nil || !strings.Contains(f.err.Error(), tt.says)) {
				t.Errorf("error %v; want one that says %q", f.err, tt.says)
			}
			if _, err := os.Stat(filepath.Join(dir, "unused")); err == nil {
				t.Error("an unused list was left")
			}
		})
	}
}

func TestRunNamesACompilerThatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	f := run([]string{"--unused=" + dir + "/u", "--headers=" + dir + "/h", "--", dir + "/no-such-gcc"}, os.Stdout, os.Stderr)
	if f == nil || f.code != exitFailed || !strings.Contains(f.err.Error(), "no-such-gcc") {
		t.Errorf("failure = %+v; want one that names the compiler", f)
	}
}

func TestParseRefusesWrongCommandLines(t *testing.T) {
	for _, args := range [][]string{
		nil,
		{"--unused=u", "--headers=h"},
		{"--unused=u", "--headers=h", "--"},
		{"--unused=u", "--", "gcc"},
		{"--headers=h", "--", "gcc"},
		{"--unused=u", "--headers=h", "-O2", "--", "gcc"},
	} {
		if f := run(args, os.Stdout, os.Stderr); f == nil || f.code != exitUsage {
			t.Errorf("run(%q) = %+v; want exit code %d", args, f, exitUsage)
		}
	}
}
