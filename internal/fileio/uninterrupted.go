// SPDX-License-Identifier: Apache-2.0

//go:build linux && (amd64 || arm64)

package fileio

import (
	"sync"
	"syscall"
	"unsafe"
)

// terminating are the signals that end a process and that it may handle.
var terminating = [...]syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}

// sigaction is the kernel's struct sigaction of amd64 and arm64 (include/linux/signal_types.h):
// handler, flags, restorer and mask.
type sigaction [4]uint64

// sigIgn is the handler SIG_IGN (include/uapi/asm-generic/signal-defs.h).
const sigIgn = 1

// ignoring counts the callers of uninterrupted, the first of which changes the
// actions of the signals.
var ignoring struct {
	sync.Mutex
	callers int
	actions [len(terminating)]sigaction
}

// uninterrupted calls f, which the signals that [removeOnSignal] handles do not
// interrupt: they are ignored meanwhile. That is for a few system calls at the end
// of a process's work, after which a signal comes too late.
//
// [removeOnSignal], which loses none, takes a tenth of the time of a small link:
// os/signal starts a thread and hands signals over to it. The system calls here do
// not go through os/signal, whose actions are the same afterwards.
func uninterrupted(_ string, f func() error) error {
	ignoring.Lock()
	if ignoring.callers++; ignoring.callers == 1 {
		ignore := sigaction{sigIgn}
		for i, s := range terminating {
			setAction(s, &ignore, &ignoring.actions[i])
		}
	}
	ignoring.Unlock()
	defer func() {
		ignoring.Lock()
		defer ignoring.Unlock()
		if ignoring.callers--; ignoring.callers == 0 {
			for i, s := range terminating {
				setAction(s, &ignoring.actions[i], nil)
			}
		}
	}()
	return f()
}

// setAction sets the action of a signal, and stores the one before. It cannot
// fail: the signals exist and may be handled.
func setAction(s syscall.Signal, action, before *sigaction) {
	const maskBytes = 8
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(action)), uintptr(unsafe.Pointer(before)), maskBytes, 0, 0)
}
