// SPDX-License-Identifier: Apache-2.0

package vary

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Hook returns at once, unless this process was started by this package: then it does
// what it was started for, and exits. Call it before anything else in main.
func Hook() {
	if len(os.Args) < 4 || os.Args[1] != hookArg {
		return
	}
	if os.Args[2] == "observe" && len(os.Args) == 5 {
		if err := observe(os.Args[3], os.Args[4]); err != nil {
			fmt.Fprintln(os.Stderr, errcode.Text(err))
			os.Exit(1)
		}
		os.Exit(0)
	}
	// Processes are started by this thread, which has the number of processors, and which
	// traces.
	runtime.LockOSThread()
	unix.CloseOnExec(statusFile)
	var spec Spec
	err := json.Unmarshal([]byte(os.Args[3]), &spec)
	if err == nil {
		if os.Args[2] == "session" {
			err = session(&spec)
		} else {
			err = drive(&spec)
		}
	}
	if err != nil {
		report(status{Error: err.Error(), Kind: string(errcode.Of(err))})
		os.Exit(1)
	}
	os.Exit(0)
}

// session makes the conditions and becomes the driver, or traces it.
func session(spec *Spec) error {
	if spec.Umask >= 0 {
		unix.Umask(spec.Umask)
	}
	if spec.HostName != "" {
		if err := unix.Sethostname([]byte(spec.HostName)); err != nil {
			return errcode.VariationUnavailable.Errorf("cannot set a host name: %w", err)
		}
	}
	if spec.Passwd != "" {
		// Without this, the mount would reach the machine's own namespace.
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			return errcode.VariationUnavailable.Errorf("cannot make mounts private: %w", err)
		}
		if err := unix.Mount(spec.Passwd, "/etc/passwd", "", unix.MS_BIND, ""); err != nil {
			return errcode.VariationUnavailable.Errorf("cannot mount another /etc/passwd: %w", err)
		}
	}
	if err := limitProcessors(spec.Processors); err != nil {
		return err
	}
	// bubblewrap refuses to run with capabilities that it does not expect.
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil {
		return errcode.VariationUnavailable.Errorf("cannot drop capabilities: %w", err)
	}
	args := []string{os.Args[0], hookArg, "drive", os.Args[3]}
	if spec.traced() {
		return trace(spec, args)
	}
	// The driver reports in the same file.
	if _, err := unix.FcntlInt(statusFile, unix.F_SETFD, 0); err != nil {
		return err
	}
	return syscall.Exec("/proc/self/exe", args, os.Environ())
}

// limitProcessors lets this thread, and all processes that it starts, use the first
// processors only.
func limitProcessors(n int) error {
	if n == 0 {
		return nil
	}
	var have, want unix.CPUSet
	if err := unix.SchedGetaffinity(0, &have); err != nil {
		return errcode.VariationUnavailable.Errorf("cannot read the processors: %w", err)
	}
	for cpu := 0; cpu < len(have)*64 && want.Count() < n; cpu++ {
		if have.IsSet(cpu) {
			want.Set(cpu)
		}
	}
	if err := unix.SchedSetaffinity(0, &want); err != nil {
		return errcode.VariationUnavailable.Errorf("cannot limit the processors: %w", err)
	}
	return nil
}

// drive runs the commands.
func drive(spec *Spec) error {
	if spec.traced() {
		if err := installFilter(spec); err != nil {
			return err
		}
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	code := 0
	for _, args := range spec.Commands {
		var err error
		if code, err = runCommand(args, signals); err != nil {
			return err
		}
		if code != 0 {
			break
		}
	}
	for _, args := range spec.After {
		if after, err := runCommand(args, signals); err != nil {
			return err
		} else if code == 0 && after != 0 {
			return errcode.BazelFailed.Errorf("%s ended with exit code %d", strings.Join(args, " "), after)
		}
	}
	report(status{Code: code})
	return nil
}

// runCommand runs a command, passes signals on to it, and returns its exit code.
func runCommand(args []string, signals <-chan os.Signal) (int, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return 0, errcode.BazelFailed.Errorf("cannot start %s: %w", args[0], err)
	}
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			select {
			case s := <-signals:
				cmd.Process.Signal(s)
			case <-done:
				return
			}
		}
	}()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	if s := cmd.ProcessState.Sys().(syscall.WaitStatus); s.Signaled() {
		return 128 + int(s.Signal()), nil
	}
	return cmd.ProcessState.ExitCode(), nil
}
