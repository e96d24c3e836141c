// Command launch starts a program of an unpacked Linux distribution package without using anything of the host: no shell, no PATH, no
// dynamic loader, no library.
//
// The program and its libraries come from one root folder. The kernel would start the program through the loader that its PT_INTERP names, the
// host's; launch starts the root's own loader instead and tells it where the root's libraries are (ld.so(8)). A compiler driver's
// subprograms take the same way, because the driver is told to start them through launch (gcc's -wrapper).
//
// launch is copied or symlinked once for each program. Beside each copy NAME stands NAME.launch.json, which says what to start; see
// [Config]. The subprogram form is
//
//	launch --launch-subprogram=ROOT PROGRAM ARGUMENT…
//
// where the settings are those of the copy that gcc was started by. Exit codes are the program's, and 2 where launch cannot start it.
package main

import (
	"fmt"
	"os"
	"syscall"
)

func main() {
	cmd, err := plan(os.Args, os.Environ(), filesystem{})
	if err == nil {
		// Exec does not return unless it fails: the program takes this process's place, so signals and exit codes need no forwarding.
		err = syscall.Exec(cmd.loader, cmd.args, cmd.env)
		err = fmt.Errorf("%s: %w", cmd.loader, err)
	}
	fmt.Fprintf(os.Stderr, "launch: %v\n", err)
	os.Exit(2)
}
