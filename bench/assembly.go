package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
)

// assemble makes an object from assembly that write produces.
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

// sectionsObject writes an object of function sections, each with a call into another object and a load of its own data's address.
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
