package main

import (
	"bytes"
	"fmt"
	"os"
)

// Modes of an archive's entries (Documentation/driver-api/early-userspace/buffer-format.rst).
const (
	modeDirectory = 0o040755
	modeConsole   = 0o020600 // a character device
	modeProgram   = 0o100755
)

// writeInitrd writes an archive with a program as /init, and the console, which the kernel opens before /dev is mounted.
func writeInitrd(program, output string) error {
	text, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	return os.WriteFile(output, initrd(text), 0o644)
}

// initrd makes a cpio archive in the format newc.
func initrd(program []byte) []byte {
	a := &archive{}
	a.add("dev", modeDirectory, nil, 0, 0)
	a.add("dev/console", modeConsole, nil, 5, 1)
	a.add("init", modeProgram, program, 0, 0)
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
