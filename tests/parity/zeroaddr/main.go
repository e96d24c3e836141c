// SPDX-License-Identifier: Apache-2.0

// Command zeroaddr puts each output section of a linker script at address zero, as
// the kernel's script for modules does, so that GNU ld's location counter is relative
// to the start of the section.
//
//	zeroaddr IN OUT
package main

import (
	"fmt"
	"os"
	"regexp"
)

// description matches the start of an output section description: in the scripts of
// the tests, a name at the start of a line and a colon.
var description = regexp.MustCompile(`(?m)^([ \t]*\.[A-Za-z0-9_.]+) *:`)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: zeroaddr IN OUT")
		os.Exit(2)
	}
	data, err := os.ReadFile(os.Args[1])
	if err == nil && !description.Match(data) {
		err = fmt.Errorf("%s: no output section found", os.Args[1])
	}
	if err == nil {
		err = os.WriteFile(os.Args[2], description.ReplaceAll(data, []byte("$1 0 :")), 0o666)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "zeroaddr: %v\n", err)
		os.Exit(1)
	}
}
