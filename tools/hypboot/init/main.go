// SPDX-License-Identifier: Apache-2.0

//go:build linux && arm64

// Command init is the first process of a kernel that hypboot boots: it runs a guest on the nVHE hypervisor and says what the guest did.
//
// It opens /dev/kvm, makes a virtual machine with one processor and one page of memory, and runs a guest program that takes the processor through the
// hypervisor's paths: stage 2 faults, emulated loads and stores, a trapped system register, the floating-point registers, a hypervisor call.
// Before, it loads the modules in /modules, if there are any, and afterwards it unloads them. Each line that it prints starts with "hypboot: "; the last one is "hypboot: done", or "hypboot: failed: " and the reason. Then it turns the
// machine off.
package main

import (
	"fmt"
	"os"
	"syscall"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

func main() {
	if err := run(); err != nil {
		fmt.Printf("hypboot: failed: %v\n", err)
	} else {
		fmt.Println("hypboot: done")
	}
	if os.Getpid() == 1 {
		syscall.Sync()
		syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
	}
}

func run() error {
	if os.Getpid() == 1 {
		if err := syscall.Mount("devtmpfs", "/dev", "devtmpfs", 0, ""); err != nil {
			return errcode.GuestFailed.Errorf("mount devtmpfs: %w", err)
		}
	}
	modules, err := loadModules()
	if err != nil {
		return err
	}
	m, err := newMachine()
	if err != nil {
		return err
	}
	fmt.Println("hypboot: running the guest")
	result, err := m.run()
	if err != nil {
		return err
	}
	if err := result.print(); err != nil {
		return err
	}
	return unloadModules(modules)
}
