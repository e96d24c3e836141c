// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// mostConsole is how much of a console is kept, in bytes: a kernel that prints without end does not fill the log.
const mostConsole = 1 << 20

// start boots the kernel and returns its console, and an error if the emulator did not end by itself with exit code 0. The second error is
// one of this program.
func start(s *settings) (console []byte, exit, err error) {
	temporary, err := os.MkdirTemp(os.Getenv("TEST_TMPDIR"), "hypboot-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(temporary)
	initrd := filepath.Join(temporary, "initrd")
	if err := writeInitrd(s.Init, s.Modules, initrd); err != nil {
		return nil, nil, err
	}

	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(s.Seconds)*time.Second)
	defer cancel()
	arguments := append([]string{}, s.Machine...)
	arguments = append(arguments, "-kernel", s.Image, "-initrd", initrd, "-append", commandLine(s))
	cmd := exec.CommandContext(ctx, s.Emulator, arguments...)
	kept := &limited{left: mostConsole}
	cmd.Stdout = kept
	messages := &limited{left: mostConsole}
	cmd.Stderr = messages
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.WaitDelay = 5 * time.Second
	err = cmd.Run()
	var failure *exec.ExitError
	switch {
	case ctx.Err() != nil:
		exit = errcode.BootTimeout.Errorf("the boot did not end within %d seconds; its last line: %s", s.Seconds, lastLine(kept.text.String()))
	case errors.As(err, &failure):
		exit = errcode.EmulatorFailed.Errorf("the emulator: %w: %s", err, strings.TrimSpace(messages.text.String()))
	case err != nil:
		return nil, nil, errcode.EmulatorFailed.Errorf("the emulator: %w", err)
	}
	return kept.text.Bytes(), exit, writeLog(kept.text.Bytes())
}

// lastLine returns the last line of a text that is not empty.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// commandLine is the kernel's. After a panic it restarts at once, which ends the emulator.
func commandLine(s *settings) string {
	return strings.Join(append([]string{"console=ttyAMA0", "panic=-1", "kvm-arm.mode=" + s.Mode}, s.Args...), " ")
}

// writeLog writes the console to where Bazel keeps it. Bazel packs what is there, and a test on a machine without zip then fails: without zip the console is
// in the test's log only.
func writeLog(console []byte) error {
	dir := os.Getenv("TEST_UNDECLARED_OUTPUTS_DIR")
	if _, err := exec.LookPath("zip"); err != nil || dir == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(dir, "console.log"), console, 0o644)
}

// limited keeps the first bytes that are written to it, and takes the others.
type limited struct {
	left int
	text bytes.Buffer
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	l.text.Write(p[:n])
	return len(p), nil
}
