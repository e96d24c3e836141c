// SPDX-License-Identifier: Apache-2.0

// Package suffix_test builds a hypervisor's object as pKVM for x86 does: a partial link of x86-64 objects by a script, and then a suffix on every
// symbol. GNU's programs are the reference; objcopy has no option for it, and renames each symbol by a list.
package suffix_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/elfdump"
)

var sources = []string{`
	.file "vmx.c"
	.section .text.vmx_run, "ax"
	.globl vmx_run
	.type vmx_run, @function
vmx_run:
	movq exits(%rip), %rax
	addq $1, %rax
	movq %rax, exits(%rip)
	call handle_exit@PLT
	leaq handlers(%rip), %rdi
	jmp *8(%rdi)
	.size vmx_run, . - vmx_run
	.bss
	.balign 8
	.type exits, @object
exits:
	.zero 8
	.size exits, 8
	.section .note.GNU-stack, "", @progbits
`, `
	.file "exit.c"
	.text
	.globl handle_exit
	.type handle_exit, @function
handle_exit:
	movl reason(%rip), %eax
	call host_printk@PLT
	ret
	.size handle_exit, . - handle_exit
	.type ignore, @function
ignore:
	ret
	.size ignore, . - ignore
	.section .rodata.handlers, "a"
	.balign 8
	.globl handlers
	.type handlers, @object
handlers:
	.quad handle_exit
	.quad ignore
	.size handlers, . - handlers
	.data
	.type reason, @object
reason:
	.long 7
	.size reason, 4
	.weak optional
	.quad optional
	.section .note.GNU-stack, "", @progbits
`}

const script = `SECTIONS {
	.pkvm.text : { *(.text .text.*) }
	.pkvm.rodata : { pkvm_rodata_start = .; *(.rodata .rodata.*) pkvm_rodata_end = .; }
	.pkvm.data : { *(.data .data.*) }
	.pkvm.bss : { *(.bss .bss.*) }
}
`

const suffix = "_pkvm"

// run runs the program that an environment variable names.
func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	path := os.Getenv(program)
	if path == "" {
		t.Fatalf("%s is not set; run this by bazel", program)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v: %s", program, args, err, out)
	}
}

func read(t *testing.T, path string) *elfdump.Object {
	t.Helper()
	o, err := elfdump.Read([]string{os.Getenv("READELF")}, path)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestSuffix(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("pkvm.lds", script)
	var objects []string
	for i, source := range sources {
		name := fmt.Sprintf("in%d", i)
		write(name+".s", source)
		run(t, dir, "AS", "-o", name+".o", name+".s")
		objects = append(objects, name+".o")
	}
	run(t, dir, "LD", append([]string{"-m", "elf_x86_64", "-z", "noexecstack", "-r", "-T", "pkvm.lds", "-o", "linked.o"}, objects...)...)
	var renames []string
	for _, s := range read(t, filepath.Join(dir, "linked.o")).Symbols {
		if s.Name != "" && s.Type != "SECTION" {
			renames = append(renames, s.Name+" "+s.Name+suffix)
		}
	}
	slices.Sort(renames)
	write("renames.txt", strings.Join(slices.Compact(renames), "\n")+"\n")
	run(t, dir, "OBJCOPY", "--redefine-syms=renames.txt", "linked.o", "want.o")
	run(t, dir, "HYPLINK", append([]string{"object", "--script=pkvm.lds", "--symbol-suffix=" + suffix, "-o", "got.o"}, objects...)...)

	want, got := read(t, filepath.Join(dir, "want.o")), read(t, filepath.Join(dir, "got.o"))
	diff, _ := elfdump.Diff(want, got, nil)
	for _, line := range diff {
		t.Error(line)
	}
	if len(want.Relocs) < 8 || len(renames) < 9 {
		t.Errorf("only %d relocations and %d symbols were compared", len(want.Relocs), len(renames))
	}
	// The check knows the suffix, and what the host has to define.
	write("undefined.txt", "host_printk"+suffix+"\noptional"+suffix+"\n")
	run(t, dir, "HYPLINK", "check", "--symbol-suffix="+suffix, "--section-prefix=.pkvm", "--allowed-undefined=undefined.txt", "--script=pkvm.lds", "got.o")
}
