// SPDX-License-Identifier: Apache-2.0

// Command capture runs a program and writes its output to a file, as actions have no shell.
//
//	capture OUT PROGRAM ARGUMENT…
package main

import (
	"fmt"
	"os"
	"os/exec"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: capture OUT PROGRAM ARGUMENT…")
		os.Exit(2)
	}
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err == nil {
		err = os.WriteFile(os.Args[1], out, 0o666)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "capture: %s: %v\n", os.Args[2], err)
		os.Exit(1)
	}
}
