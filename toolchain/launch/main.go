// SPDX-License-Identifier: Apache-2.0

// Command launch starts a program from an unpacked Linux distribution package and uses nothing from the host: no shell, PATH, dynamic loader
// or library.
//
// The program and its libraries are in one root directory. The kernel would start the program with the loader in its PT_INTERP, which is the
// host's; launch starts the root's loader instead, with the root's library directories (ld.so(8)). A compiler driver's subprograms are started in
// the same way: gcc's with its option -wrapper, and clang's because clang gets launch's path as its own (argument 0).
//
// There is a copy of launch, or a symlink to it, for each program. Next to each copy NAME is NAME.launch.json, which says what to start; see
// [Config]. The command line for a subprogram is
//
//	launch --launch-subprogram=ROOT PROGRAM ARGUMENT…
//
// with the settings of the copy that started gcc. The exit code is the program's, or 2 if launch cannot start it.
package main

import (
	"fmt"
	"os"
	"syscall"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

func main() {
	cmd, err := plan(os.Args, os.Environ(), filesystem{})
	if err == nil {
		// Exec only returns on failure: the program replaces this process, so signals and exit codes need no forwarding.
		err = syscall.Exec(cmd.loader, cmd.args, cmd.env)
		err = errcode.ProgramNotStarted.Errorf("%s: %w", cmd.loader, err)
	}
	fmt.Fprintf(os.Stderr, "launch: %s\n", errcode.Text(err))
	os.Exit(2)
}
