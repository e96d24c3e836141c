// SPDX-License-Identifier: Apache-2.0

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

import "time"

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

// hookArg is the first argument of this program as a session, a driver or an
// observer.
const hookArg = "--run-under-conditions"

// Observation is what a process sees of its conditions.
type Observation struct {
	Dir        string            `json:"dir"`  // the working directory
	Real       string            `json:"real"` // path of one of the files, without symlinks
	HostName   string            `json:"host_name"`
	User       string            `json:"user"` // by /etc/passwd
	Home       string            `json:"home"` // by /etc/passwd
	Umask      int               `json:"umask"`
	Processors int               `json:"processors"`
	Now        int64             `json:"now"`   // nanoseconds since 1970
	Later      int64             `json:"later"` // the same, pause later
	Order      string            `json:"order"` // of the files in a directory: KernelOrder, Reversed or OtherOrder
	Env        map[string]string `json:"env"`
	// Locales says whether the C library has files for a locale of that name: LC_ALL.
	Locales bool `json:"locales"`
	// ModTime and Inode are those of one of the files.
	ModTime int64  `json:"mod_time"` // seconds since 1970
	Inode   uint64 `json:"inode"`
}

// Orders of the files in a directory.
const (
	KernelOrder = "the kernel's"
	Reversed    = "reversed"
	OtherOrder  = "neither the kernel's nor its reverse"
)

// ObserveArgs are arguments of this program with which it writes what it sees, an
// [Observation], to a file. The directory, with two files at least, is the one to list.
func ObserveArgs(dir, file string) []string { return []string{hookArg, "observe", dir, file} }
