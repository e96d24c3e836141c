// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// wrongInput lists command lines with wrong inputs. The command would write
// out/hyp.o; stderr is the exact output.
var wrongInput = []struct {
	name, args, stderr string
}{
	{
		"empty file", "link --script=good.lds -o out/hyp.o good.o empty.o",
		"empty.o: file is empty; the compile that made it failed or was interrupted [E1001]",
	},
	{
		"text file", "link --script=good.lds -o out/hyp.o text.o",
		"text.o: +0x0: not an ELF file; use a relocatable object from a compiler or assembler [E1002]",
	},
	{
		"directory", "link --script=good.lds -o out/hyp.o directory",
		"directory: is a directory; name the objects in it [E5104]",
	},
	{
		"missing file", "link --script=good.lds -o out/hyp.o nothing.o",
		"nothing.o: cannot be opened: no such file or directory; check the path and its permissions [E5102]",
	},
	{
		"device", "link --script=good.lds -o out/hyp.o /dev/null",
		"/dev/null: is not a regular file; copy it to one [E5104]",
	},
	{
		"other machine", "link --script=good.lds -o out/hyp.o sparc.o",
		"sparc.o: +0x12: unsupported machine EM_SPARCV9; supported are AArch64, x86-64 and RISC-V [E1008]",
	},
	{
		"mixed machines", "link --script=good.lds -o out/hyp.o good.o x86.o",
		"x86.o: +0x12: is for x86-64, but good.o is for AArch64; compile both for one target [E3002]",
	},
	{
		"mixed byte orders", "link --script=good.lds -o out/hyp.o good.o big.o",
		"big.o: +0x12: is for AArch64 big-endian, but good.o is for AArch64; compile both for one target [E3002]",
	},
	{
		"32-bit", "link --script=good.lds -o out/hyp.o arm32.o",
		"arm32.o: +0x4: ELF class is ELFCLASS32, want ELFCLASS64; compile it for a 64-bit target [E1006]",
	},
	{
		"executable", "link --script=good.lds -o out/hyp.o exec.o",
		"exec.o: +0x10: file type is ET_EXEC, want ET_REL (a relocatable object); use the object that the compiler wrote with -c [E1007]",
	},
	{
		"LLVM bitcode", "link --script=good.lds -o out/hyp.o real.o bitcode.o",
		"bitcode.o: LLVM bitcode, not machine code; compile it without -flto (the kernel: CONFIG_LTO_NONE=y) [E1004]",
	},
	{
		"GCC LTO object", "link --script=good.lds -o out/hyp.o real.o gcc-lto.o",
		"gcc-lto.o: .gnu.lto_.profile.1: the object holds a compiler's intermediate code and no machine code; compile it without -flto, or with -ffat-lto-objects as well [E1004]",
	},
	{
		"archive of garbage", "link --script=good.lds -o out/hyp.o garbage.a",
		"garbage.a: +0x8: not a member header; the archive is damaged: rebuild it [E1401]",
	},
	{
		"truncated archive", "link --script=good.lds -o out/hyp.o truncated.a",
		"truncated.a: +0x8: member member.o/ of 4096 bytes extends past the end of the archive; the archive is damaged: rebuild it [E1401]",
	},
	{
		"SHT_REL", "link --script=good.lds -o out/hyp.o rel.o",
		"rel.o: .rel.text: relocations without addends (SHT_REL) are not supported on AArch64; use a compiler that writes SHT_RELA [E1203]",
	},
	{
		"unknown relocation", "link --script=good.lds -o out/hyp.o unknown.o",
		"unknown.o: .text+0x8: unknown relocation type 999; compile for the base architecture of AArch64, or report the type [E1204]",
	},
	{
		"unknown relocation in object", "object --hyp-relocations --symbol-prefix=p_ --script=good.lds -o out/hyp.o real.o unknown.o",
		"unknown.o: .text+0x8: relocation type 999 against .hyp.data is wrong at hypervisor addresses; use a relative reference, or a 64-bit pointer, which the table can list [E3404]",
	},
	{
		"GOT relocation", "object --hyp-relocations --symbol-prefix=p_ --script=good.lds -o out/hyp.o real.o got.o",
		"got.o: .text+0x8: relocation R_AARCH64_ADR_GOT_PAGE against .hyp.data is wrong at hypervisor addresses; compile with -fno-pic, which needs no global offset table [E3404]",
	},
	{
		"GOT relocation after the link", "hyprel -o out/hyp.o got-linked.o",
		"got-linked.o: .hyp.text+0x8: relocation R_AARCH64_ADR_GOT_PAGE against .data is wrong at hypervisor addresses; compile with -fno-pic, which needs no global offset table [E3404]",
	},
	{
		"object without a section symbol", "object --hyp-relocations --symbol-prefix=p_ --script=nosymbol.lds -o out/hyp.o words.o good.o",
		"good.o: .data+0x8: holds an address, but symbol __hyp_section_.hyp.data is not defined; define it at the start of the section in the linker script, as HYP_SECTION does [E3403]",
	},
	{
		"object whose removed section is needed", "object --symbol-prefix=p_ --remove-section=.hyp.data --script=good.lds -o out/hyp.o real.o good.o",
		"good.o: .text+0x8: relocation R_AARCH64_ADR_PREL_PG_HI21 refers to section .hyp.data, which is to be removed; keep that section, or remove this one as well [E4001]",
	},
	{
		"object whose listed address becomes relative", "object --hyp-relocations --symbol-prefix=p_ --relative-section=.hyp.data --script=good.lds -o out/hyp.o real.o good.o",
		"good.o: .data+0x8: the address is listed in .hyp.reloc for the kernel to convert, and --relative-section makes it an offset; leave the section out of that option, or make the table afterwards, with 'hyplink hyprel' [E4010]",
	},
	{
		"object whose listed address is removed", "object --hyp-relocations --remove-section=.rel.hyp.data --script=good.lds -o out/hyp.o real.o good.o",
		"good.o: .data+0x8: the address is listed in .hyp.reloc for the kernel to convert, and --remove-section removes its relocation; leave the section out of that option, or make the table afterwards, with 'hyplink hyprel' [E4010]",
	},
	{
		"relocation outside its section", "link --script=good.lds -o out/hyp.o words.o outside.o",
		"outside.o: .data+0x14: relocation R_AARCH64_ABS64 is outside its section of 16 bytes; the file is damaged or truncated: build it again [E1104]",
	},
	{
		"relocation past the end of its section", "link --script=good.lds -o out/hyp.o words.o reaching.o",
		"reaching.o: .data+0xc: relocation R_AARCH64_ABS64 of 8 bytes extends past the end of its section of 16 bytes; the file is damaged, or a .reloc directive is wrong: build it again [E1104]",
	},
	{
		"relocation past the end of its section, prefixed", "prefix --symbol-prefix=p_ -o out/hyp.o reaching.o",
		"reaching.o: .data+0xc: relocation R_AARCH64_ABS64 of 8 bytes extends past the end of its section of 16 bytes; the file is damaged, or a .reloc directive is wrong: build it again [E1104]",
	},
	{
		"duplicate symbols", "link --script=good.lds -o out/hyp.o good.o twice.o",
		"twice.o: .text+0x0: symbol \"entry\" is defined again; the first definition is in good.o: .text+0x0; make one of them static, weak, or give it another name [E3101]",
	},
	{
		"missing script", "link --script=nothing.lds -o out/hyp.o good.o",
		"nothing.lds: cannot be opened: no such file or directory; check the path and its permissions [E5102]",
	},
	{
		"script is a directory", "link --script=directory -o out/hyp.o good.o",
		"directory: is a directory; give the path of a linker script [E5104]",
	},
	{
		"ld's script is a directory", "ld -r -T directory -o out/hyp.o good.o",
		"directory: is a directory; give the path of a linker script [E5104]",
	},
	{
		"script is an object", "link --script=good.o -o out/hyp.o good.o",
		"good.o: is an ELF file; give the path of a linker script [E5107]",
	},
	{
		"check's script is a directory", "check --script=directory good.o",
		"directory: is a directory; give the path of a linker script [E5104]",
	},
	{
		"policy is a directory", "check --policy=directory good.o",
		"directory: is a directory; give the path of a policy file [E5104]",
	},
	{
		"policy is an object", "check --policy=good.o good.o",
		"good.o: is an ELF file; give the path of a policy file [E5107]",
	},
	{
		"empty policy", "check --policy=empty.o good.o",
		"empty.o:1:1: empty policy file; docs/check.md describes policy files [E5204]",
	},
	{
		"list of undefined symbols is a directory", "check --allowed-undefined=directory good.o",
		"directory: is a directory; give the path of a list of symbol names or image-vars.h [E5104]",
	},
	{
		"list of undefined symbols is an object", "check --allowed-undefined=good.o good.o",
		"good.o: is an ELF file; give the path of a list of symbol names or image-vars.h [E5107]",
	},
	{
		"map is a directory", "layout --map=directory good.o",
		"directory: is a directory; give the path of the map that 'hyplink link --map' wrote [E5104]",
	},
	{
		"map is an object", "check --map=good.o good.o",
		"good.o: is an ELF file; give the path of the map that 'hyplink link --map' wrote [E5107]",
	},
	{
		"names in a directory", "prefix --localize-symbols=directory -o out/hyp.o good.o",
		"directory: is a directory; give the path of a list of symbol names [E5104]",
	},
	{
		"names in an object", "prefix --redefine-syms=good.o -o out/hyp.o good.o",
		"good.o: is an ELF file; give the path of a list of symbol names [E5107]",
	},
	{
		"names in an archive", "objcopy --localize-symbols=zero.a good.o out/hyp.o",
		"zero.a: +0x8: is not a text file: it has a zero byte; give the path of a list of symbol names [E5107]",
	},
	{
		"names on a device", "prefix --redefine-syms=/dev/zero -o out/hyp.o good.o",
		"/dev/zero: is not a regular file and has more than 16 MiB; give the path of a list of symbol names [E5104]",
	},
	{
		"script with an unknown command", "link --script=command.lds -o out/hyp.o good.o",
		"command.lds:4:1: MEMORY is not supported; remove it: a relocatable object has no memory regions [E2006]",
	},
	{
		"script with an unknown command inside", "link --script=inside.lds -o out/hyp.o good.o",
		"source.lds.S:40:16: CREATE_OBJECT_SYMBOLS is not supported; remove it: it is for a.out [E2006]",
	},
	{
		"script that is not closed", "link --script=open.lds -o out/hyp.o good.o",
		"open.lds:3:1: end of file in an output section; write `}` [E2001]",
	},
	{
		"script with an open comment", "link --script=comment.lds -o out/hyp.o good.o",
		"comment.lds:1:12: unterminated comment; close it with */ [E2001]",
	},
	{
		"script with an undefined symbol", "link --script=symbol.lds -o out/hyp.o good.o",
		"symbol.lds:3:8: undefined symbol \"missing_symbol\" in an expression; define it in the script or in an input, or test it with DEFINED [E2201]",
	},
	{
		"script with a failing assertion", "link --script=assert.lds -o out/hyp.o good.o",
		"assert.lds:3:2: assertion failed: text is too large [E2204]",
	},
	{
		"discarded section that is needed", "link --script=discard.lds -o out/hyp.o good.o",
		"good.o: .text+0x8: relocation R_AARCH64_ADR_PREL_PG_HI21 refers to .data, whose section .data the script discards; remove the reference, or take the section out of /DISCARD/ [E3103]",
	},
	{
		"script without SECTIONS", "link --script=symbols.lds -o out/hyp.o good.o",
		"symbols.lds: the script describes no output section; write SECTIONS { NAME : { *(PATTERN) } }, and look at what the preprocessor left of the script [E2301]",
	},
	{
		"archive that nothing needs", "link -o out/hyp.o lib.a",
		"lib.a: no member of the archive defines a symbol that an object needs, and there is nothing else to link; link all members with --whole-archive, or name the objects [E3003]",
	},
	{"empty archive alone", "link -o out/hyp.o empty.a", "empty.a: the archive is empty, and there is nothing else to link; name objects [E3003]"},
	{
		"orphans refused", "link --script=good.lds --orphan=error -o out/hyp.o good.o",
		"good.o: .bss: orphan section of 64 bytes: no pattern of good.lds names it; add a pattern to the script, or set orphan to place (option --orphan) [E3201]\n" +
			"good.o: .rodata.str1.1: orphan section of 8 bytes: no pattern of good.lds names it; add a pattern to the script, or set orphan to place (option --orphan) [E3201]",
	},
	{
		"warnings that fail", "link --script=good.lds --orphan=warn --fatal-warnings -o out/hyp.o good.o",
		"warning: good.o: .bss: orphan section of 64 bytes: no pattern of good.lds names it; add a pattern to the script, or set orphan to place (option --orphan) [E3201]\n" +
			"warning: good.o: .rodata.str1.1: orphan section of 8 bytes: no pattern of good.lds names it; add a pattern to the script, or set orphan to place (option --orphan) [E3201]\n" +
			"out/hyp.o: not written because there were warnings; remove their causes, or link without --fatal-warnings [E3305]",
	},
	{
		"warnings that fail ld", "ld -r -T good.lds --orphan-handling=warn --no-fatal-warnings --fatal-warnings -o out/hyp.o good.o",
		"warning: good.o: .bss: orphan section of 64 bytes: no pattern of good.lds names it; add a pattern to the script, or set orphan to place (option --orphan) [E3201]\n" +
			"warning: good.o: .rodata.str1.1: orphan section of 8 bytes: no pattern of good.lds names it; add a pattern to the script, or set orphan to place (option --orphan) [E3201]\n" +
			"out/hyp.o: not written because there were warnings; remove their causes, or link without --fatal-warnings [E3305]",
	},
	{
		"groups refused", "link --script=good.lds --group=error -o out/hyp.o good.o",
		"good.o: .group: section group \"inlined\"; set group to flatten or keep (option --group), or compile without what makes groups (C++ inline functions, -ffunction-sections with COMDAT) [E3203]",
	},
	{
		"hyprel twice", "hyprel -o out/hyp.o prelink.o",
		"prelink.o: .hyp.reloc: the object already has hyp relocations; use the output of the partial link [E3402]",
	},
	{
		"hyprel of another machine", "hyprel -o out/hyp.o x86.o",
		"x86.o: +0x12: the object is for x86-64, which has no hyp relocations; remove hyp_relocations (option --hyp-relocations) [E3401]",
	},
	{
		"hyprel of text", "hyprel -o out/hyp.o text.o",
		"text.o: +0x0: not an ELF file; use a relocatable object from a compiler or assembler [E1002]",
	},
	{
		"hyprel without a section symbol", "hyprel -o out/hyp.o nosymbol.o",
		"nosymbol.o: .hyp.data+0x8: holds an address, but symbol __hyp_section_.hyp.data is not defined; define it at the start of the section in the linker script, as HYP_SECTION does [E3403]",
	},
	{
		"prefix of an archive", "prefix --symbol-prefix=p_ -o out/hyp.o garbage.a",
		"garbage.a: an archive, not an object; use its members, or link it with 'hyplink link' [E1005]",
	},
	{
		"prefix of nothing", "prefix --symbol-prefix=p_ -o out/hyp.o nothing.o",
		"nothing.o: cannot be opened: no such file or directory; check the path and its permissions [E5102]",
	},
	{
		"output is a directory", "prefix --symbol-prefix=p_ -o directory good.o",
		"directory: cannot be written: is a directory; give the path of a file [E5104]",
	},
	{
		"output in a missing directory", "prefix --symbol-prefix=p_ -o nowhere/hyp.o good.o",
		"nowhere/hyp.o: cannot be written: no such file or directory; check that the directory exists, is writable and has room [E5105]",
	},
	{"output where nothing can be written", "prefix --symbol-prefix=p_ -o /proc/hyp.o good.o", "/proc/hyp.o: cannot be written: no such file or directory; check that the directory exists, is writable and has room [E5105]"},
	{
		"output below a file", "prefix --symbol-prefix=p_ -o good.o/hyp.o good.o",
		"good.o/hyp.o: cannot be written: not a directory; check that the directory exists, is writable and has room [E5105]",
	},
}

// form is the form of error messages: a file, possibly a place in it, what is wrong,
// what to do, and an identifier. The message of a failed assertion comes from the script.
var form = regexp.MustCompile(`^[^ :;]+((: [^ ]+\+0x[0-9a-f]+|: [.+][^ :]*|:\d+:\d+)?: [^;]+; .+|:\d+:\d+: assertion failed: .+) \[E\d{4}\]\n$`)

func TestWrongInput(t *testing.T) {
	dir := inputs(t)
	before := listing(t, dir)
	for _, c := range wrongInput {
		t.Run(c.name, func(t *testing.T) {
			out := dir + "/out/hyp.o"
			for _, previous := range []string{"", "old contents"} {
				os.Remove(out)
				if previous != "" {
					write(t, out, []byte(previous))
				}
				r := hyplink(t, dir, strings.Fields(c.args)...)
				if r.Code != 1 {
					t.Errorf("exit code %d, want 1", r.Code)
				}
				if r.Stdout != "" {
					t.Errorf("stdout is %q", r.Stdout)
				}
				if r.Stderr != c.stderr+"\n" {
					t.Errorf("stderr is\n%swant\n%s", r.Stderr, c.stderr)
				}
				for line := range strings.Lines(r.Stderr) {
					if !form.MatchString(line) {
						t.Errorf("not of the form FILE: PLACE: REASON; ADVICE: %q", line)
					}
				}
				checkUntouched(t, dir, previous)
			}
		})
	}
	if after := listing(t, dir); after != before {
		t.Errorf("the directory held\n%s\nand now holds\n%s", before, after)
	}
}

// checkUntouched checks that out/ has only the previous output, if any.
func checkUntouched(t *testing.T, dir, previous string) {
	t.Helper()
	want := ""
	if previous != "" {
		want = "hyp.o"
	}
	if got := listing(t, dir+"/out"); got != want {
		t.Errorf("the output directory holds %q, want %q", got, want)
	}
	if data, _ := os.ReadFile(dir + "/out/hyp.o"); string(data) != previous {
		t.Errorf("the previous output was replaced by %d bytes", len(data))
	}
	if got := listing(t, dir+"/directory"); got != "" {
		t.Errorf("the other directory holds %q", got)
	}
}

// Every truncated object is rejected with an error that names the file.
func TestTruncated(t *testing.T) {
	dir := inputs(t)
	for _, name := range []string{"good.o", "real.o"} {
		whole, err := os.ReadFile(dir + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for size := 64; size < len(whole); size += 64 {
			write(t, dir+"/cut.o", whole[:size])
			r := hyplink(t, dir, "link", "--script=good.lds", "-o", "out/hyp.o", "cut.o")
			want := "cut.o: "
			if r.Code != 1 || !strings.HasPrefix(r.Stderr, want) || !strings.Contains(r.Stderr, "; the file is damaged or truncated: build it again [E1") {
				t.Errorf("%s truncated to %d of %d bytes: exit code %d, %s", name, size, len(whole), r.Code, r.Stderr)
			}
			checkUntouched(t, dir, "")
		}
	}
}
