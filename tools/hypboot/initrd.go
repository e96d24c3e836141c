// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// Modes of an archive's entries (Documentation/driver-api/early-userspace/buffer-format.rst).
const (
	modeDirectory = 0o040755
	modeConsole   = 0o020600 // a character device
	modeProgram   = 0o100755
	modeFile      = 0o100644
)

// writeInitrd writes an archive with a program as /init, modules in /modules, and the console, which the kernel opens before /dev is mounted.
func writeInitrd(program string, modules []string, output string) error {
	text, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	a := newInitrd(text)
	if len(modules) > 0 {
		a.add("modules", modeDirectory, nil, 0, 0)
		a.add("proc", modeDirectory, nil, 0, 0)
	}
	for i, path := range modules {
		module, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		// The first process loads them in the order of their names.
		a.add(fmt.Sprintf("modules/%04d-%s", i, filepath.Base(path)), modeFile, module, 0, 0)
	}
	return os.WriteFile(output, a.end(), 0o644)
}

// newInitrd begins a cpio archive in the format newc.
func newInitrd(program []byte) *archive {
	a := &archive{}
	a.add("dev", modeDirectory, nil, 0, 0)
	a.add("dev/console", modeConsole, nil, 5, 1)
	a.add("init", modeProgram, program, 0, 0)
	return a
}

// end ends the archive and returns it.
func (a *archive) end() []byte {
	a.add("TRAILER!!!", 0, nil, 0, 0)
	return a.Bytes()
}

type archive struct {
	bytes.Buffer
	entries int
}

// add adds an entry: a header of 13 numbers with 8 digits, the name with a zero, the contents; name and contents end at multiples of 4.
func (a *archive) add(name string, mode int, contents []byte, major, minor int) {
	a.entries++
	a.WriteString("070701")
	for _, n := range []int{a.entries, mode, 0, 0, 1, 0, len(contents), 0, 0, major, minor, len(name) + 1, 0} {
		fmt.Fprintf(a, "%08x", n)
	}
	a.WriteString(name)
	a.WriteByte(0)
	a.pad()
	a.Write(contents)
	a.pad()
}

func (a *archive) pad() {
	for a.Len()%4 != 0 {
		a.WriteByte(0)
	}
}
