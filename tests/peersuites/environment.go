// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// environment is what the tests of a run share.
type environment struct {
	scratch string   // a directory that is removed in the end
	bin     string   // the programs that stand for the peer's
	dirs    []string // where all other programs are looked for, in order
	hyplink string
	command string // ld or objcopy
}

// newEnvironment makes a directory in which each program that the suite replaces is this program.
func newEnvironment(s *suite, hyplink string, tools []string) (*environment, error) {
	if _, err := os.Stat(hyplink); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "peersuites")
	if err != nil {
		return nil, err
	}
	e := &environment{
		scratch: scratch,
		bin:     filepath.Join(scratch, "bin"),
		dirs:    append(tools, filepath.SplitList(os.Getenv("PATH"))...),
		hyplink: hyplink,
		command: "ld",
	}
	if s.name == objcopySuite.name {
		e.command = "objcopy"
	}
	if err := os.Mkdir(e.bin, 0o755); err != nil {
		return nil, err
	}
	for _, name := range s.replaces {
		text := fmt.Sprintf("#!/bin/sh\n%s=%s %s='%s' exec '%s' \"$@\"\n",
			standInVariable, e.command, peerVariable, e.peer(name), self)
		if err := os.WriteFile(filepath.Join(e.bin, name), []byte(text), 0o755); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// peer returns the path of a program, or its name if there is none.
func (e *environment) peer(name string) string {
	for _, dir := range e.dirs {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 && !info.IsDir() {
			return path
		}
	}
	return name
}

func (e *environment) variables(dir string) []string {
	keep := slices.DeleteFunc(os.Environ(), func(s string) bool { return !strings.HasPrefix(s, "HOME=") })
	return append(keep,
		"LC_ALL=C",
		"TMPDIR="+dir,
		"PATH="+strings.Join(append([]string{e.bin}, e.dirs...), ":"),
		hyplinkVariable+"="+e.hyplink,
		logVariable+"="+filepath.Join(dir, "calls.json"),
	)
}

// timeLimit is that of one command of a test.
const timeLimit = 2 * time.Minute

// runProgram runs a program in the directory of a test, and returns what it prints
// to both outputs, and whether it succeeded.
func (e *environment) runProgram(dir string, extra []string, argv ...string) (string, bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeLimit)
	defer cancel()
	path := argv[0]
	if !strings.Contains(path, "/") {
		path = e.peer(path)
		if standIn := filepath.Join(e.bin, argv[0]); fileExists(standIn) {
			path = standIn
		}
	}
	cmd := exec.CommandContext(ctx, path, argv[1:]...)
	cmd.Dir = dir
	cmd.Env = append(e.variables(dir), extra...)
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return out.String(), true, nil
	case ctx.Err() != nil:
		return out.String(), false, fmt.Errorf("%s: not done after %s", argv[0], timeLimit)
	case errors.As(err, &exit):
		return out.String(), false, nil
	}
	return out.String(), false, err
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
