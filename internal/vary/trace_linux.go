// SPDX-License-Identifier: Apache-2.0

package vary

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// leftover is how long processes may live after the driver ended. After that they are
// killed.
const leftover = 20 * time.Second

const traceOptions = unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_TRACEFORK |
	unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACESECCOMP

// tracer is the tracer of a process tree. All its calls are made by one thread.
type tracer struct {
	spec   *Spec
	driver int
	known  map[int]bool         // threads that have been seen
	exits  map[int]func() error // by thread in a system call: what to do at its end
	below  map[int]bool         // by thread: Spec.StoppedBelow has started it
}

// trace starts the driver and traces it and all its descendants until they end.
func trace(spec *Spec, args []string) error {
	if !canTrace {
		return errcode.VariationUnavailable.Errorf("the date and the order of files can be varied on x86-64 only")
	}
	// Daemons become children of this process, not of one that does not wait for them.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return err
	}
	process, err := os.StartProcess("/proc/self/exe", args, &os.ProcAttr{
		Files: []*os.File{nil, os.Stdout, os.Stderr, os.NewFile(statusFile, "status")},
		Sys:   &syscall.SysProcAttr{Ptrace: true},
	})
	if err != nil {
		return errcode.VariationUnavailable.Errorf("cannot trace processes: %w", err)
	}
	t := &tracer{spec: spec, driver: process.Pid, known: map[int]bool{process.Pid: true}, exits: map[int]func() error{}, below: map[int]bool{}}
	var status unix.WaitStatus
	if _, err := wait(t.driver, &status); err != nil {
		return err
	}
	if err := unix.PtraceSetOptions(t.driver, traceOptions); err != nil {
		return errcode.VariationUnavailable.Errorf("cannot trace processes: %w", err)
	}
	if err := t.hideVDSO(t.driver); err != nil {
		return err
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for s := range signals {
			process.Signal(s)
		}
	}()
	if err := unix.PtraceCont(t.driver, 0); err != nil {
		return err
	}
	return t.loop()
}

func wait(pid int, status *unix.WaitStatus) (int, error) {
	for {
		got, err := unix.Wait4(pid, status, unix.WALL, nil)
		if err != unix.EINTR {
			return got, err
		}
	}
}

func (t *tracer) loop() error {
	for {
		var status unix.WaitStatus
		pid, err := wait(-1, &status)
		if err == unix.ECHILD {
			return nil
		}
		if err != nil {
			return err
		}
		if !status.Stopped() {
			delete(t.known, pid)
			delete(t.exits, pid)
			delete(t.below, pid)
			if pid == t.driver {
				// When this process ends, the kernel kills those that it traces.
				time.AfterFunc(leftover, func() { os.Exit(0) })
			}
			continue
		}
		// A process that was killed meanwhile is no error.
		if err := t.stopped(pid, status); err != nil && !errors.Is(err, unix.ESRCH) {
			return errcode.VariationUnavailable.Errorf("cannot trace process %d: %w", pid, err)
		}
	}
}

// stopped handles a stop of a thread, and lets it go on.
func (t *tracer) stopped(pid int, status unix.WaitStatus) error {
	sig := status.StopSignal()
	switch event := int(status) >> 16; {
	case sig == unix.SIGTRAP|0x80:
		done := t.exits[pid]
		delete(t.exits, pid)
		if done != nil {
			if err := done(); err != nil {
				return err
			}
		}
		return unix.PtraceCont(pid, 0)
	case sig == unix.SIGTRAP && event == unix.PTRACE_EVENT_SECCOMP:
		done, err := t.enter(pid)
		if err != nil {
			return err
		}
		if done == nil {
			return unix.PtraceCont(pid, 0)
		}
		t.exits[pid] = done
		return unix.PtraceSyscall(pid, 0)
	case sig == unix.SIGTRAP && event == unix.PTRACE_EVENT_EXEC:
		delete(t.exits, pid)
		if err := t.hideVDSO(pid); err != nil {
			return err
		}
		return unix.PtraceCont(pid, 0)
	case sig == unix.SIGTRAP && event != 0:
		return unix.PtraceCont(pid, 0)
	case sig == unix.SIGSTOP && !t.known[pid]:
		// The stop with which tracing of a new thread begins.
		t.known[pid] = true
		return unix.PtraceCont(pid, 0)
	}
	t.known[pid] = true
	if t.exits[pid] != nil {
		// A signal before the end of the system call, which is still to be seen.
		return unix.PtraceSyscall(pid, int(sig))
	}
	return unix.PtraceCont(pid, int(sig))
}

// isBelow reports whether a program named StoppedBelow has started the process of a
// thread, or one that started it.
func (t *tracer) isBelow(thread int) bool {
	if t.spec.StoppedBelow == "" {
		return true
	}
	if known, ok := t.below[thread]; ok {
		return known
	}
	found := false
	for pid := parent(thread); pid > 1 && pid != os.Getpid() && !found; pid = parent(pid) {
		exe, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
		found = err == nil && filepath.Base(exe) == t.spec.StoppedBelow
	}
	t.below[thread] = found
	return found
}

// parent returns the parent of a process or thread: 0 if it ended.
func parent(pid int) int {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "PPid:"); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(value))
			return n
		}
	}
	return 0
}

// read and write access the memory of a process.
func read(pid int, address uint64, data []byte) error {
	n, err := unix.ProcessVMReadv(pid, []unix.Iovec{iovec(data)}, []unix.RemoteIovec{{Base: uintptr(address), Len: len(data)}}, 0)
	if err == nil && n != len(data) {
		err = unix.EFAULT
	}
	return err
}

func write(pid int, address uint64, data []byte) error {
	n, err := unix.ProcessVMWritev(pid, []unix.Iovec{iovec(data)}, []unix.RemoteIovec{{Base: uintptr(address), Len: len(data)}}, 0)
	if err == nil && n != len(data) {
		err = unix.EFAULT
	}
	return err
}

func iovec(data []byte) unix.Iovec {
	v := unix.Iovec{Base: &data[0]}
	v.SetLen(len(data))
	return v
}
