// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain makes the test binary a compiler when HYPCC_TEST_COMPILER is set.
func TestMain(m *testing.M) {
	switch os.Getenv("HYPCC_TEST_COMPILER") {
	case "":
		os.Exit(m.Run())
	case "works":
		if os.Args[1] == "--version" {
			os.Exit(0)
		}
	case "fails":
		os.Stderr.WriteString("a.c:1:1: error: no\n")
		os.Exit(3)
	case "leaves nothing":
		os.Exit(0)
	}
	if err := os.WriteFile(os.Args[len(os.Args)-1], []byte("a.o: a.c used.h\n"), 0o644); err != nil {
		os.Exit(1)
	}
	os.Exit(0)
}

// TestVersion asks for the version, which needs no compiler.
func TestVersion(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run([]string{"--version"}, &stdout, &stderr); code != 0 || !strings.HasPrefix(stdout.String(), "hypcc (rules_hyp) ") || stderr.Len() > 0 {
		t.Errorf("exit code %d, %q, %q", code, stdout.String(), stderr.String())
	}
}

// TestHelp asks for the help, which is no error, and has each option.
func TestHelp(t *testing.T) {
	for _, option := range []string{"--help", "-h"} {
		var stdout, stderr bytes.Buffer
		if code := run([]string{option}, &stdout, &stderr); code != 0 || !strings.HasPrefix(stdout.String(), usage) || stderr.Len() > 0 {
			t.Errorf("%s: exit code %d, %q, %q", option, code, stdout.String(), stderr.String())
		}
	}
	for _, option := range []string{"--unused", "--system-include", "--headers", "--generated", "--archive"} {
		if !strings.Contains(help, "\n  "+option+"=") {
			t.Errorf("no %s", option)
		}
	}
}

func TestRun(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		mode   string
		code   int
		stderr string // its beginning
		end    string // of it
		unused string
	}{
		{"works", 0, "", "", "unused.h\nbin/made.h\n"},
		{"fails", 3, "a.c:1:1: error: no\n", "", ""},
		{"leaves nothing", exitFailed, "hypcc: the compiler left no dependency file", "[E7010]\n", ""},
	} {
		t.Run(tt.mode, func(t *testing.T) {
			t.Setenv("HYPCC_TEST_COMPILER", tt.mode)
			dir := t.TempDir()
			list := filepath.Join(dir, "headers")
			if err := os.WriteFile(list, []byte("used.h\nunused.h\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			unused := filepath.Join(dir, "unused")
			code := run([]string{"--unused=" + unused, "--headers=" + list, "--generated=bin/made.h", "--generated=used.h", "--", self, "-c", "a.c"}, &stdout, &stderr)
			if code != tt.code || !strings.HasPrefix(stderr.String(), tt.stderr) || !strings.HasSuffix(stderr.String(), tt.end) || tt.stderr == "" && stderr.Len() > 0 {
				t.Errorf("exit code %d and %q; want %d and %q", code, stderr.String(), tt.code, tt.stderr)
			}
			if got, _ := os.ReadFile(unused); string(got) != tt.unused {
				t.Errorf("unused list = %q; want %q", got, tt.unused)
			}
		})
	}
}

func TestParseRejectsWrongCommandLines(t *testing.T) {
	for _, args := range [][]string{
		nil,
		{"--unused=u", "--headers=h"},
		{"--unused=u", "--headers=h", "--"},
		{"--unused=u", "--", "gcc"},
		{"--headers=h", "--", "gcc"},
		{"--unused=u", "--headers=h", "-O2", "--", "gcc"},
		{"--unused=u", "--headers=h", "--system-include", "/usr/include", "--", "gcc"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(args, &stdout, &stderr); code != exitUsage || !strings.Contains(stderr.String(), usage) {
			t.Errorf("run(%q) = %d, %q; want exit code %d and the usage", args, code, stderr.String(), exitUsage)
		}
	}
}

// TestCommandLine refuses empty names of files, and says who explains errors.
func TestCommandLine(t *testing.T) {
	for args, want := range map[string]string{
		"--unused= --headers=h -- cc":       "--unused: want the name of a file or directory",
		"--unused=u --headers=h --archive=": "--archive: want the name of a file or directory",
		"--generated=":                      "--generated: want the name of a file or directory",
		"--system-include=":                 "--system-include: want the name of a file or directory",
		"check-tree --manifest=":            "check-tree: --manifest: want the name of a file or directory",
		"help E7001":                        "hypcc explains no errors; run 'hyplink help E7001'",
	} {
		var stdout, stderr bytes.Buffer
		if code := run(strings.Fields(args), &stdout, &stderr); code != exitUsage || !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: exit code %d, %q, want %q", args, code, stderr.String(), want)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestOutputLost has standard output that cannot be written: that is no success.
func TestOutputLost(t *testing.T) {
	for _, arg := range []string{"--version", "--help"} {
		var stderr bytes.Buffer
		if code := run([]string{arg}, fullDisk{}, &stderr); code != exitFailed || !strings.Contains(stderr.String(), "no space left on device; give it room, or another file [E5101]") {
			t.Errorf("%s: exit code %d, %q", arg, code, stderr.String())
		}
	}
}
