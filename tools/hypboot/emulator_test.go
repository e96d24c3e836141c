// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// emulator makes a program that takes an emulator's arguments, and settings that start it.
func emulator(t *testing.T, script string) *settings {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("TEST_TMPDIR", dir)
	t.Setenv("TEST_UNDECLARED_OUTPUTS_DIR", "")
	s := &settings{Emulator: filepath.Join(dir, "emulator"), Init: filepath.Join(dir, "init"), Image: "Image", Mode: "nvhe", Seconds: 20}
	if err := os.WriteFile(s.Emulator, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.Init, []byte("program"), 0o755); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStart(t *testing.T) {
	for _, c := range []struct {
		name, script  string
		seconds       int
		console, exit string // exit is what the error has; empty for none
	}{
		{"the arguments", `echo "$@"`, 20, "-M virt -kernel Image -initrd ", ""},
		{"the command line", `while [ "$1" != -append ]; do shift; done; echo "$2."`, 20, "console=ttyAMA0 panic=-1 kvm-arm.mode=nvhe more=1.\n", ""},
		{"the initial RAM disk", `while [ "$1" != -initrd ]; do shift; done; cat "$2"`, 20, "program", ""},
		{"a failure", "echo booting; echo no such machine >&2; exit 3", 20, "booting\n", "the emulator: exit status 3: no such machine"},
		{"a signal", "kill -9 $$", 20, "", "signal: killed"},
		{"no end", "echo booting; exec sleep 60", 1, "booting\n", "the boot did not end within 1 seconds; its last line: booting"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := emulator(t, c.script)
			s.Machine, s.Args, s.Seconds = []string{"-M", "virt"}, []string{"more=1"}, c.seconds
			started := time.Now()
			console, exit, err := start(s)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(console), c.console) {
				t.Errorf("console: got %q, want %q", console, c.console)
			}
			if (exit == nil) != (c.exit == "") || exit != nil && !strings.Contains(exit.Error(), c.exit) {
				t.Errorf("exit: got %v, want %q", exit, c.exit)
			}
			if elapsed := time.Since(started); elapsed > 40*time.Second {
				t.Errorf("it took %v", elapsed)
			}
			left, err := filepath.Glob(filepath.Join(os.Getenv("TEST_TMPDIR"), "hypboot-*"))
			if err != nil || len(left) != 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

func TestStartErrors(t *testing.T) {
	s := emulator(t, "")
	s.Emulator += ".gone"
	if _, _, err := start(s); err == nil || !strings.Contains(err.Error(), "the emulator: ") {
		t.Errorf("no emulator: got %v", err)
	}
	s = emulator(t, "")
	s.Init += ".gone"
	if _, _, err := start(s); err == nil || !strings.Contains(err.Error(), "init.gone") {
		t.Errorf("no first process: got %v", err)
	}
}

func TestExplain(t *testing.T) {
	const console = "kvm [1]: nVHE hyp panic at: [<ffff800008000104>] x!\n"
	for _, c := range []struct{ name, console, vmlinux, want string }{
		{"no panic", "booting\n", "", ""},
		{"no vmlinux", console, "", "addresses stay as they are: there is no vmlinux"},
		{"not vmlinux", console, os.Args[0] + ".gone", "addresses stay as they are: open "},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := explain(&settings{Vmlinux: c.vmlinux}, []byte(c.console))
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
