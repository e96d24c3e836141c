// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
)

// Names in the object that all members are copies of, as long as those that take
// their place.
const (
	definedName = "backward_defined"
	neededName  = "backward_needed_"
)

func backwardName(member int) string { return fmt.Sprintf("backward_%07d", member) }

// backwardArchive makes an archive whose members each need the one before, and an object that needs the last one. Assembling each member
// would take minutes, so one is assembled, and its symbols get other names of the same length.
func (b *bench) backwardArchive(dir string, members int) error {
	err := b.assemble(dir, "member", func(w *bufio.Writer) {
		fmt.Fprintf(w, "\t.globl %s\n\t.type %s,%%function\n%s:\n\tbl %s\n\tret\n", definedName, definedName, definedName, neededName)
	})
	if err != nil {
		return err
	}
	err = b.assemble(dir, "first", func(w *bufio.Writer) {
		fmt.Fprintf(w, "\t.globl first\nfirst:\n\tbl %s\n\tret\n\t.globl %s\n%s:\n\tret\n", backwardName(members), backwardName(0), backwardName(0))
	})
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "member.o")
	object, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	var out bytes.Buffer
	out.WriteString("!<arch>\n")
	// The symbol index, as ar writes it: offsets of members, then names.
	const header = 60
	size := len(object) + len(object)%2
	index := make([]byte, 4, members*(4+len(definedName)+1)+5)
	binary.BigEndian.PutUint32(index, uint32(members))
	start := out.Len() + header + cap(index)&^1
	for i := range members {
		index = binary.BigEndian.AppendUint32(index, uint32(start+i*(header+size)))
	}
	for i := range members {
		index = append(append(index, backwardName(i+1)...), 0)
	}
	writeMember(&out, "/", append(index, make([]byte, len(index)%2)...))
	for i := range members {
		named := bytes.ReplaceAll(object, []byte(definedName), []byte(backwardName(i+1)))
		writeMember(&out, fmt.Sprintf("m%07d.o/", i+1), bytes.ReplaceAll(named, []byte(neededName), []byte(backwardName(i))))
	}
	return os.WriteFile(filepath.Join(dir, "members.a"), out.Bytes(), 0o666)
}

// writeMember writes a member of an archive with its header (ar(5)).
func writeMember(out *bytes.Buffer, name string, contents []byte) {
	fmt.Fprintf(out, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", name, 0, 0, 0, 0o644, len(contents))
	out.Write(contents)
	if len(contents)%2 != 0 {
		out.WriteByte('\n')
	}
}
