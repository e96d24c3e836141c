// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
)

// assemble assembles an object from the output of write.
func (b *bench) assemble(dir, name string, write func(w *bufio.Writer)) error {
	source := filepath.Join(dir, name+".s")
	f, err := os.Create(source)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	write(w)
	if err := w.Flush(); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := prepare(dir, b.tools.as.command("-EL", "-o", name+".o", name+".s")); err != nil {
		return err
	}
	return os.Remove(source)
}

// sectionsObject writes an object with function sections, each with a call into another object and a reference to local data.
func sectionsObject(w *bufio.Writer, object, objects, functions int) {
	for i := range functions {
		fmt.Fprintf(w, "\t.section .text.f_%d_%d,\"ax\",%%progbits\n\t.globl f_%d_%d\n\t.type f_%d_%d,%%function\nf_%d_%d:\n",
			object, i, object, i, object, i, object, i)
		fmt.Fprintf(w, "\tstp x29, x30, [sp, -16]!\n\tadrp x0, .Lname\n\tadd x0, x0, :lo12:.Lname\n\tbl f_%d_%d\n\tldp x29, x30, [sp], 16\n\tret\n",
			(object+7)%objects, (i*31+object)%functions)
		fmt.Fprintf(w, "\t.size f_%d_%d, .-f_%d_%d\n", object, i, object, i)
	}
	fmt.Fprintf(w, "\t.section .rodata.str1.8,\"aMS\",%%progbits,1\n.Lname:\t.string \"object %d\"\n", object)
}

// bytesObject writes an object with one code section.
func bytesObject(w *bufio.Writer, object, megabytes int) {
	fmt.Fprintf(w, "\t.section .text,\"ax\",%%progbits\n\t.globl bytes_%d\nbytes_%d:\n\t.fill %d, 4, %#x\n",
		object, object, megabytes<<20/4, 0x8b000000+object)
}

// symbolsObject writes an object with functions of one instruction, in one section.
func symbolsObject(w *bufio.Writer, object, symbols int) {
	fmt.Fprintf(w, "\t.section .text,\"ax\",%%progbits\n")
	for i := range symbols {
		fmt.Fprintf(w, "\t.globl function_%d_%d\nfunction_%d_%d:\tret\n", object, i, object, i)
	}
}

// relocationsObject writes an object with a table of pointers to a few local functions, to the table itself, and to another object's table.
func relocationsObject(w *bufio.Writer, object, objects, relocations int) {
	fmt.Fprintf(w, "\t.text\n")
	for i := range 16 {
		fmt.Fprintf(w, "\t.globl f_%d_%d\nf_%d_%d:\tret\n", object, i, object, i)
	}
	fmt.Fprintf(w, "\t.data\n\t.globl table_%d\ntable_%d:\n", object, object)
	for i := range relocations {
		switch i % 3 {
		case 0:
			fmt.Fprintf(w, "\t.quad f_%d_%d\n", object, i%16)
		case 1:
			fmt.Fprintf(w, "\t.quad .data + %d\n", i)
		case 2:
			fmt.Fprintf(w, "\t.quad table_%d + %d\n", (object+1)%objects, i)
		}
	}
}
