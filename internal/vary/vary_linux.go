// SPDX-License-Identifier: Apache-2.0

package vary

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

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

// statusFile is the descriptor that a session and a driver report to.
const statusFile = 3

// status is what a session or a driver reports: one of them.
type status struct {
	Error string `json:",omitempty"` // the conditions could not be made
	Kind  string `json:",omitempty"` // the code of that error, of package errcode
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
		return 0, errcode.VariationUnavailable.Errorf("cannot make namespaces: %w", err)
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
		return 0, cmp.Or(errcode.Code(s.Kind), errcode.VariationUnavailable).Errorf("%s", s.Error)
	case err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay):
		return 0, err
	}
	return s.Code, nil
}

// mayMakeNamespaces reports whether namespaces need no user namespace around them.
func mayMakeNamespaces() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
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
