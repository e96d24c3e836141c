// SPDX-License-Identifier: Apache-2.0

package vary

import (
	"encoding/binary"
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// canTrace says that this file knows the processor's registers.
const canTrace = true

const auditArch = unix.AUDIT_ARCH_X86_64

// redZone is how much below the stack pointer belongs to the running function
// (System V ABI, AMD64 supplement, 3.2.2).
const redZone = 128

// usualUmask is the one that a process sets which wants none in particular.
const usualUmask = 0o022

// rules are the system calls that the tracer answers.
func rules(spec *Spec) []rule {
	var list []rule
	if spec.dated() {
		list = append(list, rule{nr: unix.SYS_TIME}, rule{nr: unix.SYS_GETTIMEOFDAY})
		for _, clock := range dateClocks {
			list = append(list, rule{nr: unix.SYS_CLOCK_GETTIME, test: equals, arg: 0, value: clock})
		}
		list = append(list,
			rule{nr: unix.SYS_FUTEX, test: hasBits, arg: 1, value: futexClockRealtime},
			rule{nr: unix.SYS_CLOCK_NANOSLEEP, test: hasBits, arg: 1, value: unix.TIMER_ABSTIME})
	}
	if spec.Umask >= 0 {
		list = append(list, rule{nr: unix.SYS_UMASK, test: equals, arg: 0, value: usualUmask})
	}
	if spec.ReverseDirs {
		list = append(list, rule{nr: unix.SYS_GETDENTS64}, rule{nr: unix.SYS_GETDENTS})
	}
	return list
}

// enter handles the start of a system call. It returns what is to be done at its end,
// or nil.
func (t *tracer) enter(pid int) (func() error, error) {
	var regs unix.PtraceRegs
	if err := unix.PtraceGetRegs(pid, &regs); err != nil {
		return nil, err
	}
	now := func(clock int32) unix.Timespec {
		var ts unix.Timespec
		if t.spec.Stopped != 0 && t.isBelow(pid) {
			return unix.NsecToTimespec(t.spec.Stopped)
		}
		unix.ClockGettime(clock, &ts)
		return unix.NsecToTimespec(ts.Nano() + int64(t.spec.Clock))
	}
	switch regs.Orig_rax {
	case unix.SYS_CLOCK_GETTIME:
		ts := now(int32(regs.Rdi))
		return nil, answer(pid, &regs, regs.Rsi, pair(ts.Sec, ts.Nsec), 0)
	case unix.SYS_GETTIMEOFDAY:
		ts := now(unix.CLOCK_REALTIME)
		if regs.Rdi == 0 {
			return nil, nil
		}
		return nil, answer(pid, &regs, regs.Rdi, pair(ts.Sec, ts.Nsec/1000), 0)
	case unix.SYS_TIME:
		ts := now(unix.CLOCK_REALTIME)
		if regs.Rdi == 0 {
			return nil, answer(pid, &regs, 0, nil, ts.Sec)
		}
		return nil, answer(pid, &regs, regs.Rdi, binary.LittleEndian.AppendUint64(nil, uint64(ts.Sec)), ts.Sec)
	case unix.SYS_FUTEX:
		return t.shiftTimeout(pid, regs, regs.R10, func(r *unix.PtraceRegs, v uint64) { r.R10 = v })
	case unix.SYS_CLOCK_NANOSLEEP:
		if regs.Rdi != unix.CLOCK_REALTIME {
			return nil, nil
		}
		return t.shiftTimeout(pid, regs, regs.Rdx, func(r *unix.PtraceRegs, v uint64) { r.Rdx = v })
	case unix.SYS_UMASK:
		regs.Rdi = uint64(t.spec.Umask)
		return nil, unix.PtraceSetRegs(pid, &regs)
	case unix.SYS_GETDENTS64, unix.SYS_GETDENTS:
		return func() error { return reverseListing(pid) }, nil
	}
	return nil, nil
}

// answer ends a system call before the kernel sees it, with data at an address and a
// result. An address that cannot be written to is the error EFAULT.
func answer(pid int, regs *unix.PtraceRegs, address uint64, data []byte, result int64) error {
	if len(data) > 0 {
		if err := write(pid, address, data); errors.Is(err, unix.EFAULT) {
			result = -int64(unix.EFAULT)
		} else if err != nil {
			return err
		}
	}
	regs.Orig_rax = ^uint64(0)
	regs.Rax = uint64(result)
	return unix.PtraceSetRegs(pid, regs)
}

// shift is how much the date of a process is ahead of this machine's.
func (t *tracer) shift(pid int) time.Duration {
	switch {
	case t.spec.Stopped == 0:
		return t.spec.Clock
	case t.isBelow(pid):
		return time.Until(time.Unix(0, t.spec.Stopped))
	}
	return 0
}

// shiftTimeout gives the kernel an absolute time by its own clock, in place of the one
// by the shifted clock at an address: in a copy, below the stack.
func (t *tracer) shiftTimeout(pid int, regs unix.PtraceRegs, address uint64, set func(*unix.PtraceRegs, uint64)) (func() error, error) {
	var data [16]byte
	if address == 0 || read(pid, address, data[:]) != nil {
		return nil, nil
	}
	sec := int64(binary.LittleEndian.Uint64(data[:])) - int64(t.shift(pid)/time.Second)
	copy(data[:8], binary.LittleEndian.AppendUint64(nil, uint64(max(sec, 0))))
	place := (regs.Rsp - redZone - 64) &^ 15
	if err := write(pid, place, data[:]); err != nil {
		return nil, err
	}
	changed := regs
	set(&changed, place)
	if err := unix.PtraceSetRegs(pid, &changed); err != nil {
		return nil, err
	}
	return func() error {
		var after unix.PtraceRegs
		if err := unix.PtraceGetRegs(pid, &after); err != nil {
			return err
		}
		set(&after, address)
		return unix.PtraceSetRegs(pid, &after)
	}, nil
}

// reverseListing reverses the entries that getdents64 or getdents has returned.
func reverseListing(pid int) error {
	var regs unix.PtraceRegs
	if err := unix.PtraceGetRegs(pid, &regs); err != nil {
		return err
	}
	n := int64(regs.Rax)
	if n <= 0 || n > maxListing {
		return nil
	}
	data := make([]byte, n)
	if err := read(pid, regs.Rsi, data); err != nil {
		return err
	}
	if !reverseEntries(data) {
		return nil
	}
	return write(pid, regs.Rsi, data)
}

// pair encodes two 64-bit numbers: a timespec or a timeval.
func pair(a, b int64) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, uint64(a)), uint64(b))
}

// hideVDSO removes the vDSO from the auxiliary vector of a process that is about to
// start a program. On its stack are the number of arguments, the arguments, a null,
// the environment, a null, and the vector (System V ABI, AMD64 supplement, 3.4.1).
func (t *tracer) hideVDSO(pid int) error {
	if !t.spec.dated() {
		return nil
	}
	var regs unix.PtraceRegs
	if err := unix.PtraceGetRegs(pid, &regs); err != nil {
		return err
	}
	if regs.Cs == cs32 {
		// A program of 32 bits has other system calls, which are not traced.
		return nil
	}
	words := &wordReader{pid: pid, next: regs.Rsp}
	for nulls := 0; nulls < 2; {
		// The number of arguments, at least one, is no null.
		word, err := words.read()
		if err != nil {
			return err
		}
		if word == 0 {
			nulls++
		}
	}
	for {
		at := words.address()
		kind, err := words.read()
		if err != nil {
			return err
		}
		if _, err := words.read(); err != nil {
			return err
		}
		switch kind {
		case auxNull:
			return nil
		case auxVDSO:
			return write(pid, at, binary.LittleEndian.AppendUint64(nil, auxIgnore))
		}
	}
}

// cs32 is the code segment of programs of 32 bits on Linux.
const cs32 = 0x23

// Types of entries of the auxiliary vector (elf.h).
const (
	auxNull   = 0
	auxIgnore = 1
	auxVDSO   = 33 // AT_SYSINFO_EHDR
)

// wordReader reads words of a stack, a page at a time: the pages after it may not
// exist.
type wordReader struct {
	pid  int
	next uint64 // address of what is not read yet
	data []byte
}

func (r *wordReader) address() uint64 { return r.next - uint64(len(r.data)) }

func (r *wordReader) read() (uint64, error) {
	if len(r.data) == 0 {
		r.data = make([]byte, 4096-r.next%4096)
		if err := read(r.pid, r.next, r.data); err != nil {
			return 0, err
		}
		r.next += uint64(len(r.data))
	}
	word := binary.LittleEndian.Uint64(r.data)
	r.data = r.data[8:]
	return word, nil
}
