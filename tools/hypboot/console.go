// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/symbolize"
)

// modes are what the kernel says when KVM is ready (arch/arm64/kvm/arm.c), by the mode that was asked for: first Linux 6.1, then others.
var modes = map[string][]string{
	"nvhe":      {"Hyp mode initialized successfully", "Hyp nVHE mode initialized successfully"},
	"protected": {"Protected nVHE mode initialized successfully"},
}

// What else the kernel and the first process say.
const (
	readyVHE = "VHE mode initialized successfully"
	done     = "hypboot: done"
	failed   = "hypboot: failed: "
	running  = "hypboot: running the guest"
)

// judge returns nil if the hypervisor that was asked for ran the guest.
func judge(s *settings, console []byte, exit error) error {
	has := func(text string) bool { return bytes.Contains(console, []byte(text)) }
	var errs []error
	switch {
	case bytes.Contains(console, []byte("HYP panic")):
		errs = append(errs, errcode.HypervisorPanicked.Errorf("the hypervisor panicked"))
	case has(failed):
		errs = append(errs, errcode.GuestFailed.Errorf("%s", line(console, failed)))
	case has(running) && !has(done):
		errs = append(errs, errcode.GuestFailed.Errorf("the guest was started, and nothing was seen of it"))
	case !has(done):
		errs = append(errs, errcode.GuestFailed.Errorf("the kernel did not start the guest"))
	}
	if exit != nil {
		errs = append(errs, exit)
	}
	// "Protected nVHE mode" and "VHE mode" are told apart from "Hyp mode" by their whole text.
	says := func(text string) bool { return has(": " + text) }
	if ready := modes[s.Mode]; !slices.ContainsFunc(ready, says) {
		said := "nothing"
		for _, other := range slices.Concat([]string{readyVHE}, modes["nvhe"], modes["protected"]) {
			if says(other) {
				said = other
			}
		}
		errs = append(errs, errcode.BootMode.Errorf("mode %s: got %q from the kernel, want %q", s.Mode, said, ready[0]))
	}
	for _, want := range s.Expect {
		if !has(want) {
			errs = append(errs, errcode.ConsoleUnexpected.Errorf("expect: %q is not on the console", want))
		}
	}
	return errors.Join(errs...)
}

// line returns the rest of the console's first line with a text, from that text on.
func line(console []byte, text string) string {
	rest := string(console[bytes.Index(console, []byte(text)):])
	rest, _, _ = strings.Cut(rest, "\n")
	return strings.TrimRight(rest, "\r")
}

// explain returns where the hypervisor panicked, or nothing if it did not.
func explain(s *settings, console []byte) string {
	kernel, err := readKernel(s.Vmlinux)
	p := symbolize.FindPanic(string(console), kernel)
	switch {
	case p == nil:
		return ""
	case err != nil:
		return fmt.Sprintf("%v\naddresses stay as they are: %s", p, errcode.Text(err))
	}
	return p.String()
}

func readKernel(path string) (*symbolize.Kernel, error) {
	if path == "" {
		return nil, errcode.KernelUnreadable.Errorf("there is no vmlinux for this Image")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	// Not closed: the kernel reads from it as long as the program runs.
	kernel, err := symbolize.New(file)
	if err != nil {
		return nil, errcode.KernelUnreadable.Errorf("%s: %w", path, err)
	}
	return kernel, nil
}
