// SPDX-License-Identifier: Apache-2.0

package vary

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	Hook()
	os.Exit(m.Run())
}

// TestConditions checks each condition by itself and all at once, in a process that
// says what it sees.
func TestConditions(t *testing.T) {
	dir := t.TempDir()
	const passwd = "auditor"
	file := filepath.Join(dir, "passwd")
	if err := os.WriteFile(file, fmt.Appendf(nil, "%s:x:%d:%d::/:/bin/sh\n", passwd, os.Getuid(), os.Getgid()), 0o644); err != nil {
		t.Fatal(err)
	}
	all := Spec{Umask: 0o077, HostName: "elsewhere", Passwd: file, Processors: 1, Clock: 1000 * time.Hour, ReverseDirs: true}
	for name, spec := range map[string]Spec{
		"none": {Umask: -1}, "umask": {Umask: 0o027}, "host": {Umask: -1, HostName: all.HostName}, "user": {Umask: -1, Passwd: file},
		"processors": {Umask: -1, Processors: 1}, "clock": {Umask: -1, Clock: all.Clock}, "order": {Umask: -1, ReverseDirs: true}, "stopped": {Umask: -1, Stopped: 1700000000123456789}, "all": all,
	} {
		if err := Check(context.Background(), spec, passwd, dir); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Check(context.Background(), all, "nobody else", dir); err == nil {
		t.Error("another user's name was not noticed")
	}
}

// TestPrograms runs programs of the system, which use the C library, as children of
// children.
func TestPrograms(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	script := `date +%s; ls -U; sleep 0.01 & wait; (exit 3)`
	plain, err := exec.Command("sh", "-c", "cd "+dir+" && ls -U").Output()
	if err != nil {
		t.Fatal(err)
	}
	var out, messages bytes.Buffer
	const shift = 400 * 24 * time.Hour
	code, err := Run(context.Background(), Spec{
		Dir: dir, Umask: -1, Clock: shift, ReverseDirs: true,
		Commands: [][]string{{"sh", "-c", script}}, After: [][]string{{"sh", "-c", "echo after"}},
	}, os.Environ(), &out, &messages)
	if err != nil || code != 3 {
		t.Fatalf("exit code %d, %v, want 3\n%s", code, err, &messages)
	}
	lines := strings.Fields(out.String())
	if len(lines) != 5 || lines[4] != "after" {
		t.Fatalf("got %q", lines)
	}
	seconds, _ := strconv.ParseInt(lines[0], 10, 64)
	if off := time.Until(time.Unix(seconds, 0)) - shift; off.Abs() > time.Minute {
		t.Errorf("date is off by %s", off)
	}
	want := strings.Fields(string(plain))
	if lines[1] != want[2] || lines[2] != want[1] || lines[3] != want[0] {
		t.Errorf("listed in the order %q, want the reverse of %q", lines[1:4], want)
	}
}

// TestStoppedBelow has a clock that stands still for what a shell starts only.
func TestStoppedBelow(t *testing.T) {
	shell, err := filepath.EvalSymlinks("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	spec := Spec{
		Umask: -1, Stopped: 1_000_000_000_000_000_000, StoppedBelow: filepath.Base(shell),
		Commands: [][]string{{"date", "+%s"}, {"sh", "-c", "date +%s; (umask 022; umask)"}},
	}
	if code, err := Run(context.Background(), spec, os.Environ(), &out, &out); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v\n%s", code, err, &out)
	}
	lines := strings.Fields(out.String())
	if len(lines) != 3 || lines[1] != "1000000000" {
		t.Fatalf("got %q", lines)
	}
	if seconds, _ := strconv.ParseInt(lines[0], 10, 64); time.Since(time.Unix(seconds, 0)).Abs() > time.Minute {
		t.Errorf("outside of the shell, the date is %s", lines[0])
	}
}

// TestUmask has a process that sets the usual mask, as Bazel's server does.
func TestUmask(t *testing.T) {
	if !canTrace {
		t.Skip("processes cannot be traced")
	}
	var out bytes.Buffer
	spec := Spec{Umask: 0o077, Commands: [][]string{{"sh", "-c", "umask; umask 022; umask; umask 027; umask"}}}
	if code, err := Run(context.Background(), spec, os.Environ(), &out, &out); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v\n%s", code, err, &out)
	}
	if got, want := strings.Join(strings.Fields(out.String()), " "), "0077 0077 0027"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestInterrupt has a command that runs until it is interrupted: what comes after it
// runs all the same.
func TestInterrupt(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	var out bytes.Buffer
	_, err := Run(ctx, Spec{Umask: -1, Clock: time.Hour, Commands: [][]string{{"sleep", "60"}}, After: [][]string{{"touch", mark}}}, os.Environ(), &out, &out)
	if err == nil || time.Since(start) > 20*time.Second {
		t.Fatalf("%v after %s\n%s", err, time.Since(start), &out)
	}
	if _, err := os.Stat(mark); err != nil {
		t.Error(err)
	}
}

func TestHasLocale(t *testing.T) {
	for name, want := range map[string]bool{"": true, "C": true, "xx_YY.UTF-8": false} {
		if hasLocale(name) != want {
			t.Errorf("%q: got %v", name, !want)
		}
	}
	installed, err := exec.Command("locale", "-a").Output()
	if err != nil {
		t.Skip("no locale(1)")
	}
	for name := range strings.FieldsSeq(string(installed)) {
		if !hasLocale(name) && strings.Contains(name, ".") {
			t.Errorf("%s is installed, but was not found", name)
		}
	}
}

func TestReverseEntries(t *testing.T) {
	entry := func(position uint64, name string) []byte {
		n := (entryHeader + len(name) + 1 + 7) &^ 7
		e := make([]byte, n)
		binary.NativeEndian.PutUint64(e[entryPosition:], position)
		binary.NativeEndian.PutUint16(e[entryLength:], uint16(n))
		copy(e[entryHeader:], name)
		return e
	}
	got := bytes.Join([][]byte{entry(1, "a"), entry(2, "longer name"), entry(7, "c")}, nil)
	want := bytes.Join([][]byte{entry(1, "c"), entry(2, "longer name"), entry(7, "a")}, nil)
	if !reverseEntries(got) || !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, damaged := range [][]byte{got[:10], got[:30], make([]byte, 40)} {
		before := bytes.Clone(damaged)
		if reverseEntries(damaged) || !bytes.Equal(before, damaged) {
			t.Errorf("%q was taken for a listing", before)
		}
	}
}
