// Package vary runs commands under conditions other than this machine's: another
// host name, user name, umask, number of processors, date, and order of the files in
// directories. Nothing of the machine changes: the conditions are those of
// namespaces and of system calls of the commands' own process tree.
//
// The date and the order are answers to system calls, which a tracer (ptrace, with a
// seccomp filter that stops at these calls only) gives to every process of the tree:
// static programs, programs in sandboxes and in root directories of their own as
// well. The vDSO, in which programs read the clock without a system call, is hidden
// from them (its entry in the auxiliary vector, see getauxval(3)). Time stamps of
// files are the kernel's, and stay.
//
// A program that uses this package calls [Hook] first thing in main: commands are
// started by way of the program itself.
package vary

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Spec is what is run, and the conditions that differ from this process's.
type Spec struct {
	Dir string
	// Commands are run one after the other, up to the first that fails, and then those of
	// After, also if one failed or was interrupted. Each is a program and its arguments.
	Commands [][]string
	After    [][]string
	// Umask is the file mode creation mask, also where a process sets 022, as servers do,
	// if processes can be traced; negative: as it is.
	Umask int
	// HostName is the host's name; empty: as it is.
	HostName string
	// Passwd is the path of a file that the processes see as /etc/passwd; empty: the
	// machine's.
	Passwd string
	// Processors is how many processors the processes may use; 0: all.
	Processors int
	// Clock is added to the date.
	Clock time.Duration
	// Stopped stops the date at this time, in nanoseconds since 1970; 0: it goes on. Clock
	// is not added to it.
	Stopped int64
	// StoppedBelow is the name of a program: only the processes that one of this name
	// started, and those that they start, see the date stopped. Empty: all.
	StoppedBelow string
	// ReverseDirs reverses the order in which files of a directory are listed.
	ReverseDirs bool
}

// traced reports whether the processes need a tracer.
func (s *Spec) traced() bool { return s.dated() || s.ReverseDirs || s.Umask >= 0 && canTrace }

// dated reports whether the date is another.
func (s *Spec) dated() bool { return s.Clock != 0 || s.Stopped != 0 }

// namespaces are the flags of the namespaces that the conditions need.
func (s *Spec) namespaces() uintptr {
	var flags uintptr
	if s.HostName != "" {
		flags |= syscall.CLONE_NEWUTS
	}
	if s.Passwd != "" {
		flags |= syscall.CLONE_NEWNS
	}
	return flags
}

// hookArg is the first argument of this program as a session, a driver or an
// observer.
const hookArg = "--run-under-conditions"

// statusFile is the descriptor that a session and a driver report to.
const statusFile = 3

// status is what a session or a driver reports: one of them.
type status struct {
	Error string `json:",omitempty"` // the conditions could not be made
	Code  int    // the exit code of the commands
}

// interrupted is the time that a command and those after it have to end after an
// interrupt.
const interrupted = time.Minute

// Run runs the commands of a specification with the environment, standard output and
// standard error given, and returns the exit code of the first that failed, or 0: 128
// and the signal's number if a signal ended it. The error says why the conditions
// could not be made. If the context ends, the command gets an interrupt signal.
func Run(ctx context.Context, spec Spec, env []string, stdout, stderr io.Writer) (int, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return 0, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	cmd := exec.CommandContext(ctx, "/proc/self/exe", hookArg, "session", string(text))
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = spec.Dir, env, stdout, stderr
	cmd.ExtraFiles = []*os.File{w}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Cloneflags: spec.namespaces()}
	if cmd.SysProcAttr.Cloneflags != 0 && !mayMakeNamespaces() {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Geteuid(), HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getegid(), HostID: os.Getegid(), Size: 1}}
		cmd.SysProcAttr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN}
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = interrupted
	err = cmd.Start()
	w.Close()
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case err != nil:
		return 0, fmt.Errorf("cannot make namespaces: %w", err)
	}
	reports := make(chan status, 1)
	go func() {
		var s status
		if line, err := bufio.NewReader(r).ReadBytes('\n'); err != nil || json.Unmarshal(line, &s) != nil {
			s.Error = "the process that runs the command ended early"
		}
		reports <- s
	}()
	err = cmd.Wait()
	s := <-reports
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case s.Error != "":
		return 0, errors.New(s.Error)
	case err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay):
		return 0, err
	}
	return s.Code, nil
}

// mayMakeNamespaces reports whether namespaces need no user namespace around them.
func mayMakeNamespaces() bool {
	var header = unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&header, &data[0]) != nil {
		return false
	}
	return data[0].Effective&(1<<unix.CAP_SYS_ADMIN) != 0
}

// report writes to the starter of a session or a driver.
func report(s status) {
	line, _ := json.Marshal(s)
	unix.Write(statusFile, append(line, '\n'))
}
