// SPDX-License-Identifier: Apache-2.0

// Command hypboot boots a kernel at EL2 in an emulator, has it run a guest, and fails unless the guest's result is seen.
//
// It is the program of hyp_boot_test's tests, which write a file of settings for it: its name, relative to the runfiles, is in HYPBOOT_SETTINGS.
// The console is in the test's log, and in console.log of its undeclared outputs if the machine has zip, which Bazel needs for these.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// settings are what rules/private/boot_test.bzl writes. Paths are relative to the runfiles.
type settings struct {
	Emulator string   `json:"emulator"`
	Machine  []string `json:"machine"` // arguments of the emulator
	Image    string   `json:"image"`
	Vmlinux  string   `json:"vmlinux"`
	Init     string   `json:"init"`
	Mode     string   `json:"mode"`
	Args     []string `json:"args"`    // further arguments of the kernel
	Expect   []string `json:"expect"`  // what the console must have
	Failure  []string `json:"failure"` // what the message of a boot that must fail has; empty for one that must not
	Modules  []string `json:"modules"` // in the order of loading
	Seconds  int      `json:"seconds"` // for the boot
}

func main() {
	if err := run(); err != nil {
		for _, text := range errcode.Lines(err) {
			fmt.Fprintf(os.Stderr, "hypboot: %s\n", text)
		}
		os.Exit(1)
	}
}

func run() error {
	runfiles := os.Getenv("TEST_SRCDIR")
	name := os.Getenv("HYPBOOT_SETTINGS")
	if runfiles == "" || name == "" {
		return errcode.BootSettings.Errorf("TEST_SRCDIR or HYPBOOT_SETTINGS is not set; run this by `bazel test`, with hyp_boot_test in the BUILD file")
	}
	data, err := os.ReadFile(filepath.Join(runfiles, name))
	if err != nil {
		return err
	}
	s, err := parseSettings(data)
	if err != nil {
		return errcode.BootSettings.Errorf("%s: %w", name, err)
	}
	for _, path := range []*string{&s.Emulator, &s.Image, &s.Vmlinux, &s.Init} {
		if *path != "" {
			*path = filepath.Join(runfiles, *path)
		}
	}
	for i, module := range s.Modules {
		s.Modules[i] = filepath.Join(runfiles, module)
	}
	return boot(s)
}

// parseSettings reads and checks a settings file.
func parseSettings(data []byte) (*settings, error) {
	var s settings
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return nil, err
	}
	for _, field := range []struct{ name, value string }{{"emulator", s.Emulator}, {"image", s.Image}, {"init", s.Init}} {
		if field.value == "" {
			return nil, errcode.BootSettings.Errorf("%s: got nothing, want a path", field.name)
		}
	}
	if _, ok := modes[s.Mode]; !ok {
		return nil, errcode.BootSettings.Errorf("mode: got %q, want nvhe or protected", s.Mode)
	}
	if s.Seconds <= 0 {
		return nil, errcode.BootSettings.Errorf("seconds: got %d, want a positive number", s.Seconds)
	}
	return &s, nil
}

// boot boots the kernel and judges what is on its console.
func boot(s *settings) error {
	console, exit, err := start(s)
	if err != nil {
		return err
	}
	fmt.Printf("%s\n", bytes.ReplaceAll(console, []byte("\r"), nil))
	verdict := judge(s, console, exit)
	if text := explain(s, console); verdict != nil && text != "" {
		verdict = errors.Join(verdict, errcode.HypervisorPanicked.Errorf("%s", text))
	}
	return wanted(s, verdict)
}

// wanted turns the verdict of a boot that must fail around.
func wanted(s *settings, verdict error) error {
	if len(s.Failure) == 0 {
		return verdict
	}
	if verdict == nil {
		return errcode.BootSucceeded.Errorf("the boot succeeded, and should have failed with %q", s.Failure)
	}
	for _, text := range s.Failure {
		if !strings.Contains(verdict.Error(), text) {
			return errcode.BootSucceeded.Errorf("the boot failed, but without %q: %w", text, verdict)
		}
	}
	fmt.Printf("The boot failed, as it should:\n%v\n", verdict)
	return nil
}
