// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Variables of the environment of a test, read by the program that stands for a peer's.
const (
	standInVariable = "PEERSUITES_STAND_IN" // ld or objcopy: which command of hyplink
	hyplinkVariable = "PEERSUITES_HYPLINK"  // the program under test
	logVariable     = "PEERSUITES_LOG"      // where its calls are recorded
	peerVariable    = "PEERSUITES_PEER"     // the peer's own program, for what hyplink does not do at all
)

// call is one call of hyplink by a test.
type call struct {
	Args   []string
	Code   int
	Stderr string
}

// standIn takes the place of a peer's program: it runs hyplink, and records the call.
// A command line without -r is a full link, for which the peer's own program runs, so
// that a test may go on with what hyplink made. It does not return.
func standIn(command string) {
	args := os.Args[1:]
	if command == "ld" && !slices.ContainsFunc(args, isRelocatable) {
		peer := os.Getenv(peerVariable)
		env := slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, standInVariable+"=") })
		err := syscall.Exec(peer, append([]string{filepath.Base(peer)}, args...), env)
		fmt.Fprintf(os.Stderr, "peersuites: %s: %v\n", peer, err)
		os.Exit(127)
	}
	cmd := exec.Command(os.Getenv(hyplinkVariable), append([]string{command}, args...)...)
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, io.MultiWriter(os.Stderr, &stderr)
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		fmt.Fprintln(os.Stderr, "peersuites:", err)
		os.Exit(127)
	}
	code := cmd.ProcessState.ExitCode()
	if err := record(call{args, code, stderr.String()}); err != nil {
		fmt.Fprintln(os.Stderr, "peersuites:", err)
		os.Exit(127)
	}
	os.Exit(code)
}

func isRelocatable(arg string) bool {
	return arg == "-r" || arg == "--relocatable" || arg == "-relocatable"
}

func record(c call) error {
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(os.Getenv(logVariable), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		return err
	}
	return f.Close()
}

// readCalls returns the calls of hyplink that a test has made.
func readCalls(log string) ([]call, error) {
	data, err := os.ReadFile(log)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var calls []call
	for _, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		var c call
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, err
		}
		calls = append(calls, c)
	}
	return calls, nil
}
