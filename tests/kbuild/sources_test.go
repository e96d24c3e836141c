// SPDX-License-Identifier: Apache-2.0

package kbuild_test

import (
	"fmt"
	"slices"
	"strings"
)

// The constructs of the scripts that kernels link modules with, by kernel version
// and by what else a configuration brings in. Names of sections are those that the
// kernel looks for.
const (
	discards61   = "/DISCARD/ : { *(.discard) *(.discard.*) }\n"
	discards612  = "/DISCARD/ : { *(.discard) *(.discard.*) *(.export_symbol) }\n"
	discards72   = "/DISCARD/ : { *(.discard) *(.discard.*) *(.export_symbol) *(.no_trim_symbol) }\n"
	symbolTables = "__ksymtab 0 : { *(SORT(___ksymtab+*)) }\n__ksymtab_gpl 0 : { *(SORT(___ksymtab_gpl+*)) }\n" +
		"__kcrctab 0 : { *(SORT(___kcrctab+*)) }\n__kcrctab_gpl 0 : { *(SORT(___kcrctab_gpl+*)) }\n"
	symbolTables72 = "__ksymtab 0 : ALIGN(8) { *(SORT(___ksymtab+*)) }\n__kcrctab 0 : ALIGN(4) { *(SORT(___kcrctab+*)) }\n__kflagstab 0 : ALIGN(1) { *(SORT(___kflagstab+*)) }\n"
	constructors   = ".ctors 0 : ALIGN(8) { *(SORT(.ctors.*)) *(.ctors) }\n.init_array 0 : ALIGN(8) { *(SORT(.init_array.*)) *(.init_array) }\n"
	tables         = ".altinstructions 0 : ALIGN(8) { KEEP(*(.altinstructions)) }\n__bug_table 0 : ALIGN(8) { KEEP(*(__bug_table)) }\n__jump_table 0 : ALIGN(8) { KEEP(*(__jump_table)) }\n"
	exceptions     = "__ex_table 0 : ALIGN(4) { KEEP(*(__ex_table)) }\n"
	patchable      = "__patchable_function_entries : { *(__patchable_function_entries) }\n"
	patchable72    = "__patchable_function_entries 0 : { *(__patchable_function_entries) }\n"
	livepatch      = ".init.klp_funcs 0 : ALIGN(8) { KEEP(*(.init.klp_funcs)) }\n.init.klp_objects 0 : ALIGN(8) { KEEP(*(.init.klp_objects)) }\n"
	traps          = "__kcfi_traps : { KEEP(*(.kcfi_traps)) }\n"
	joined         = ".bss : { *(.bss .bss.[0-9a-zA-Z_]*) *(.bss..L*) }\n.data : { *(.data .data.[0-9a-zA-Z_]*) *(.data..L*) %s }\n.rodata : { *(.rodata .rodata.[0-9a-zA-Z_]*) *(.rodata..L*) }\n"
	joined72       = ".text 0 : { *(.text .text.[0-9a-zA-Z_]*) }\n.bss 0 : { *(.bss .bss.[0-9a-zA-Z_]*) *(.bss..L*) }\n" +
		".data 0 : { *(.data .data.[0-9a-zA-Z_]*) *(.data..L*) }\n.rodata 0 : { *(.rodata .rodata.[0-9a-zA-Z_]*) *(.rodata..L*) }\n"
	allocTags   = ". = ALIGN(8); __start_alloc_tags = .; KEEP(*(alloc_tags)) __stop_alloc_tags = .;"
	ownTags     = ".codetag.alloc_tags : { KEEP(*(alloc_tags)) }\n"
	trampolines = "SECTIONS { .plt 0 : { BYTE(0) } .init.plt 0 : { BYTE(0) } .text.ftrace_trampoline 0 : { BYTE(0) } %s }\n"
	unwind      = ".init.eh_frame : { *(.eh_frame) }"
	gotAndPlt   = "SECTIONS { .plt : { BYTE(0) } .got : { BYTE(0) } .got.plt : { BYTE(0) } }\n"
	hotText     = ".text.hot : { *(.text.hot) }"
)

// moduleScripts are linker scripts of modules.
var moduleScripts = map[string]string{
	"6.1":               sections(discards61, symbolTables, constructors, tables, patchable),
	"6.1-arm64":         sections(discards61, symbolTables, constructors, tables, patchable) + fmt.Sprintf(trampolines, ""),
	"6.1-riscv":         sections(discards61, symbolTables, constructors, tables, patchable) + gotAndPlt,
	"6.1-lto":           sections(discards61, symbolTables, constructors, tables, patchable, traps, fmt.Sprintf(joined, "")) + fmt.Sprintf(trampolines, hotText),
	"6.12-arm64":        sections(discards612, symbolTables, constructors, tables, patchable, ".data : { }\n") + fmt.Sprintf(trampolines, ".init.text.ftrace_trampoline 0 : { BYTE(0) }"),
	"6.12-arm64-unwind": sections(discards612, symbolTables, constructors, tables, patchable, traps, ".data : { "+allocTags+" }\n") + fmt.Sprintf(trampolines, hotText+unwind),
	"6.12-lto":          sections(discards612, symbolTables, constructors, tables, patchable, traps, fmt.Sprintf(joined, allocTags)),
	"7.2":               sections(discards72, symbolTables72, constructors, tables, exceptions, patchable72, livepatch, traps, joined72, ownTags),
	"7.2-arm64":         sections(discards72, symbolTables72, constructors, tables, exceptions, patchable72, livepatch, joined72) + fmt.Sprintf(trampolines, ".init.text.ftrace_trampoline 0 : { BYTE(0) } "+unwind),
	"7.2-riscv":         sections(discards72, symbolTables72, constructors, tables, exceptions, patchable72, livepatch, joined72) + strings.ReplaceAll(gotAndPlt, " :", " 0 :"),
}

func sections(parts ...string) string { return "SECTIONS {\n" + strings.Join(parts, "") + "}\n" }

// moduleSections returns sections that a module has after a script.
func moduleSections(p processor, script string) []string {
	names := []string{
		"__ksymtab", "__kcrctab", ".init_array", ".ctors", ".altinstructions", "__bug_table", "__jump_table", "__ex_table", "__patchable_function_entries",
		".text", ".init.text", ".exit.text", ".data", ".bss", ".rodata", ".modinfo", ".gnu.linkonce.this_module", "__versions", ".note.Linux", ".note.gnu.build-id", ".note.GNU-stack", ".comment",
	}
	for marker, more := range map[string][]string{
		".init.plt":                      {".plt", ".init.plt", ".text.ftrace_trampoline"},
		".init.text.ftrace_trampoline 0": {".init.text.ftrace_trampoline"},
		unwind:                           {".init.eh_frame"},
		".got.plt":                       {".plt", ".got", ".got.plt"},
		traps:                            {"__kcfi_traps"},
		"__kflagstab":                    {"__kflagstab", ".init.klp_funcs", ".init.klp_objects"},
		"__ksymtab_gpl":                  {"__ksymtab_gpl", "__kcrctab_gpl"},
		".codetag":                       {".codetag.alloc_tags"},
		hotText:                          {".text.hot"},
	} {
		if strings.Contains(moduleScripts[script], marker) {
			names = append(names, more...)
		}
	}
	if p.frames != ".cfi_" {
		names = slices.DeleteFunc(names, func(n string) bool { return n == ".init.eh_frame" })
	}
	return names
}

// moduleSources are the sources of a module: two objects of its own, and the one
// that modpost writes.
func moduleSources(p processor) map[string]string {
	return map[string]string{
		"one":   p.head + object(p, "one", "two", ".text", 24),
		"two":   p.head + object(p, "two", "one", p.first, 40),
		"x.mod": p.head + generated,
	}
}

// object is a source with all that compilers and the kernel's macros write. It
// follows section first with what follows a section (SHF_LINK_ORDER).
func object(p processor, name, other, first string, space int) string {
	text := strings.NewReplacer("NAME", name, "OTHER", other, "CALL", p.call, "FIRST", first, "SPACE", fmt.Sprint(space),
		"STARTPROC", p.frames+"startproc", "ENDPROC", p.frames+"endproc").Replace(`
	.file "NAME.c"
	.text
	.globl NAME_export
	.type NAME_export, %function
NAME_export:
	STARTPROC
	nop
	nop
	CALL OTHER_export
	CALL printk
	ENDPROC
	.size NAME_export, .-NAME_export
	.section .text.unlikely,"ax"
NAME_cold:
	CALL NAME_export
	.section .text.hot,"ax"
NAME_hot:
	nop
	nop
	.section .init.text,"ax"
NAME_init:
	.skip SPACE
	CALL NAME_export
	.section .exit.text,"ax"
NAME_exit:
	CALL OTHER_export
	.data
	.balign 8
NAME_pointer: .quad NAME_export
NAME_value: .long 42
	.section .data..read_mostly,"aw"
	.balign 16
NAME_mostly: .quad OTHER_export+8
	.section .data.rel,"aw"
	.quad NAME_string
	.bss
	.balign 32
NAME_zero: .skip SPACE
	.section .bss.NAME,"aw",%nobits
	.skip 12
	.section .bss..Lanon,"aw",%nobits
	.skip 4
	.section .rodata,"a"
	.balign 8
	.quad NAME_cold
	.section .rodata..Lanon,"a"
	.ascii "NAME"
	.section .rodata.str1.1,"aMS",%progbits,1
NAME_string: .asciz "NAME of the module"
	.section __ksymtab_strings,"aMS",%progbits,1
NAME_ksym: .asciz "NAME_export"
	.section "___ksymtab+NAME_export","a"
	.balign 4
	.long NAME_export - .
	.long NAME_ksym - .
	.section "___ksymtab_gpl+NAME_gpl","a"
	.balign 4
	.long NAME_cold - .
	.section "___kcrctab+NAME_export","a"
	.balign 4
	.long 0x1234
	.section "___kcrctab_gpl+NAME_gpl","a"
	.balign 4
	.long SPACE
	.section "___kflagstab+NAME_export","a"
	.byte 1
	.section .export_symbol,"a"
	.asciz "GPL"
	.balign 8
	.quad NAME_export
	.section .no_trim_symbol,"a"
	.asciz "NAME"
	.section .discard.addressable,"aw"
	.balign 8
NAME_addressable: .quad NAME_init
	.section .altinstructions,"a"
	.long NAME_export - .
	.byte 1, 2, 3
	.section __bug_table,"aw"
	.balign 4
	.long NAME_cold - .
	.long NAME_string - .
	.section __jump_table,"aw"
	.balign 8
	.long NAME_export - .
	.long NAME_hot - .
	.quad NAME_pointer - .
	.section __ex_table,"a"
	.balign 4
	.long NAME_export - .
	.long NAME_cold - .
	.section __patchable_function_entries,"awo",%progbits,FIRST
	.balign 8
	.quad NAME_export
	.quad NAME_init
	.section .kcfi_traps,"ao",%progbits,.text
	.balign 4
	.long NAME_export - .
	.section alloc_tags,"aw"
	.balign 8
	.quad NAME_string, SPACE
	.section .init.klp_funcs,"aw"
	.quad NAME_export
	.section .init.klp_objects,"aw"
	.quad NAME_pointer
	.section .ctors.65435,"aw"
	.quad NAME_init
	.section .ctors,"aw"
	.quad NAME_exit
	.section .init_array.00005,"aw",%init_array
	.quad NAME_exit
	.section .init_array,"aw",%init_array
	.quad NAME_init
	.section .debug_info,"",%progbits
	.long 28
	.quad NAME_export
	.quad NAME_addressable
	.quad NAME_pointer
	.section .debug_ranges,"",%progbits
	.quad NAME_export, NAME_addressable, 0, 0
	.section .comment,"MS",%progbits,1
	.asciz "a compiler"
	.section .note.GNU-stack,"",%progbits
`)
	return text
}

const generated = `
	.file "x.mod.c"
	.section .modinfo,"a"
	.asciz "license=GPL"
	.section .gnu.linkonce.this_module,"aw"
	.globl __this_module
	.balign 64
	.type __this_module, %object
__this_module:
	.skip 24
	.asciz "x"
	.balign 8
	.quad one_init
	.skip 80
	.size __this_module, .-__this_module
	.section __versions,"a"
	.balign 8
	.quad 0x11223344
	.asciz "printk"
	.section .note.Linux,"a",%note
	.balign 4
	.long 6, 4, 257
	.asciz "Linux"
	.balign 4
	.long 0
	.section .comment,"MS",%progbits,1
	.asciz "a compiler"
	.section .note.GNU-stack,"",%progbits
`
