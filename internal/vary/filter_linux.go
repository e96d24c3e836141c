// SPDX-License-Identifier: Apache-2.0

package vary

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// futexClockRealtime is FUTEX_CLOCK_REALTIME of linux/futex.h: the time limit is a
// date.
const futexClockRealtime = 256

// dateClocks are the clocks that tell the date. The others count from boot.
var dateClocks = []uint32{unix.CLOCK_REALTIME, unix.CLOCK_REALTIME_COARSE, unix.CLOCK_TAI}

// rule is a system call at which a process stops for the tracer.
type rule struct {
	nr    uint32
	test  test
	arg   uint32 // that is tested: its lower 32 bits
	value uint32
}

// test is a condition on an argument.
type test int

const (
	always test = iota
	equals
	hasBits
)

// Offsets in struct seccomp_data (seccomp(2)).
const (
	dataNr   = 0
	dataArch = 4
	dataArgs = 16
)

// filter makes the program for seccomp: each rule is a block that ends in a stop, or
// falls through to the next one.
func filter(list []rule) []unix.SockFilter {
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	// Goes on with the next instruction if the value fits, or skips some.
	jump := func(kind uint16, value uint32, skip uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | kind | unix.BPF_K, Jf: skip, K: value}
	}
	result := func(value uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: value} }
	program := []unix.SockFilter{
		load(dataArch),
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: 1, K: auditArch},
		result(unix.SECCOMP_RET_ALLOW),
	}
	for _, r := range list {
		program = append(program, load(dataNr))
		if r.test == always {
			program = append(program, jump(unix.BPF_JEQ, r.nr, 1))
		} else {
			kind := uint16(unix.BPF_JEQ)
			if r.test == hasBits {
				kind = unix.BPF_JSET
			}
			program = append(program, jump(unix.BPF_JEQ, r.nr, 3), load(dataArgs+8*r.arg), jump(kind, r.value, 1))
		}
		program = append(program, result(unix.SECCOMP_RET_TRACE))
	}
	return append(program, result(unix.SECCOMP_RET_ALLOW))
}

// installFilter makes this process, and all that it starts, stop at the system calls
// that the tracer answers.
func installFilter(spec *Spec) error {
	program := filter(rules(spec))
	fprog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	install := func() error {
		_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&fprog)))
		if errno != 0 {
			return errno
		}
		return nil
	}
	err := install()
	if err == unix.EACCES {
		// Without privileges, a filter must not affect programs that have some. It is set for
		// this thread; those of the filter's synchronisation get it too.
		if err = unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err == nil {
			err = install()
		}
	}
	if err != nil {
		return errcode.VariationUnavailable.Errorf("cannot filter system calls: %w", err)
	}
	return nil
}
