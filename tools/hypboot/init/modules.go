// SPDX-License-Identifier: Apache-2.0

//go:build linux && arm64

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"unsafe"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// System calls of arm64 that package syscall has no names for (include/uapi/asm-generic/unistd.h).
const (
	sysDeleteModule = 106
	sysFinitModule  = 273
)

// loadModules loads the modules in /modules, in the order of their names, and returns what the kernel calls them. It says what each of them did: that it
// is live, and the file systems and ciphers that the kernel knows because of them.
func loadModules() (names []string, err error) {
	files, err := os.ReadDir("/modules")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return nil, errcode.GuestFailed.Errorf("mount proc: %w", err)
	}
	systems, ciphers, err := features()
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		_, name, _ := strings.Cut(file.Name(), "-")
		if err := loadModule("/modules/" + file.Name()); err != nil {
			return nil, errcode.GuestFailed.Errorf("load %s: %w; the kernel log says why", name, err)
		}
		name = strings.ReplaceAll(strings.TrimSuffix(name, ".ko"), "-", "_")
		state, err := moduleState(name)
		if err != nil {
			return nil, err
		}
		fmt.Printf("hypboot: module %s %s\n", name, state)
		names = append(names, name)
	}
	newSystems, newCiphers, err := features()
	if err != nil {
		return nil, err
	}
	report("file system", systems, newSystems)
	report("cipher", ciphers, newCiphers)
	return names, nil
}

func loadModule(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, _, errno := syscall.Syscall(sysFinitModule, file.Fd(), uintptr(unsafe.Pointer(&[]byte{0}[0])), 0); errno != 0 {
		return errno
	}
	return nil
}

// moduleState returns the state of a module in /proc/modules: name, size, users, names of users, state, address.
func moduleState(name string) (string, error) {
	text, err := os.ReadFile("/proc/modules")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) >= 5 && fields[0] == name {
			if fields[4] != "Live" {
				return "", errcode.GuestFailed.Errorf("module %s: its state is %s, want Live", name, fields[4])
			}
			return "live", nil
		}
	}
	return "", errcode.GuestFailed.Errorf("module %s is not in /proc/modules", name)
}

// features returns the file systems, and the drivers of ciphers with the result of their self-test.
func features() (systems, ciphers []string, err error) {
	text, err := os.ReadFile("/proc/filesystems")
	if err != nil {
		return nil, nil, err
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		systems = append(systems, fields[len(fields)-1])
	}
	text, err = os.ReadFile("/proc/crypto")
	if errors.Is(err, fs.ErrNotExist) {
		return systems, nil, nil
	}
	driver := ""
	for line := range strings.Lines(string(text)) {
		switch key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) {
		case "driver":
			driver = strings.TrimSpace(value)
		case "selftest":
			ciphers = append(ciphers, driver+" "+strings.TrimSpace(value))
		}
	}
	return systems, ciphers, err
}

// report says what is new.
func report(what string, before, after []string) {
	for _, name := range after {
		if !slices.Contains(before, name) {
			fmt.Printf("hypboot: %s %s\n", what, name)
		}
	}
}

// unloadModules unloads modules, the last one first.
func unloadModules(names []string) error {
	for _, name := range slices.Backward(names) {
		text := append([]byte(name), 0)
		if _, _, errno := syscall.Syscall(sysDeleteModule, uintptr(unsafe.Pointer(&text[0])), syscall.O_NONBLOCK, 0); errno != 0 {
			return errcode.GuestFailed.Errorf("unload %s: %w", name, errno)
		}
		fmt.Printf("hypboot: module %s unloaded\n", name)
	}
	return nil
}
