// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"os"
	"strings"
	"testing"
)

// kbuild's command lines for ld and objcopy give the same output as hyplink's own
// commands.
func TestStandIns(t *testing.T) {
	for _, c := range []struct{ name, gnu, own string }{
		{
			"nvhe", "ld -EL  -maarch64elf -z noexecstack --no-warn-rwx-segments  -r -T good.lds good.o real.o -o out/hyp.o",
			"link --symbol-order=gnu --script=good.lds -o out/hyp.o good.o real.o",
		},
		{
			"nvhe with lld's options", "ld -EL -maarch64linux -z norelro -z noexecstack -r -T good.lds good.o real.o -o out/hyp.o",
			"link --symbol-order=gnu --script=good.lds -o out/hyp.o good.o real.o",
		},
		{"the relocations of nvhe", "ld -EL -maarch64elf -z noexecstack -r good.o real.o -o out/hyp.o", "link --symbol-order=gnu --group=keep -o out/hyp.o good.o real.o"},
		{"long options", "ld --relocatable --script=good.lds --output=out/hyp.o -m aarch64elf good.o", "link --symbol-order=gnu --script=good.lds -o out/hyp.o good.o"},
		{"joined values", "ld -r -Tgood.lds -oout/hyp.o -znorelro good.o", "link --symbol-order=gnu --script=good.lds -o out/hyp.o good.o"},
		{"response file", "ld -r -o out/hyp.o @objects.rsp", "link --symbol-order=gnu --group=keep -o out/hyp.o good.o words.o"},
		{"no build ID", "ld -r --build-id=md5 --build-id=none -o out/hyp.o good.o", "link --symbol-order=gnu --group=keep -o out/hyp.o good.o"},
		{"group", "ld -r -o out/hyp.o --start-group good.o --end-group", "link --symbol-order=gnu --group=keep -o out/hyp.o good.o"},
		{"version and link", "ld -v -r -o out/hyp.o good.o", "link --symbol-order=gnu --group=keep -o out/hyp.o good.o"},
		{"prefix", "objcopy --prefix-symbols=__kvm_nvhe_ good.o out/hyp.o", "prefix --symbol-prefix=__kvm_nvhe_ -o out/hyp.o good.o"},
		{
			"EFI stub", "objcopy --remove-section=.note.gnu.property --prefix-alloc-sections=.init --prefix-symbols=__efistub_ good.o out/hyp.o",
			"prefix --symbol-prefix=__efistub_ --alloc-section-prefix=.init --remove-section=.note.gnu.property -o out/hyp.o good.o",
		},
		{
			"short options", "objcopy -g -R .data.* -w -L e* -W shared good.o out/hyp.o",
			"prefix --strip-debug --remove-section=.data.* --localize-symbol=e* --weaken-symbol=shared -o out/hyp.o good.o",
		},
		{
			"values apart", "objcopy --prefix-symbols p_ --redefine-sym entry=start --rename-section .data=.d good.o out/hyp.o",
			"prefix --symbol-prefix=p_ --redefine-sym=entry=start --rename-section=.data=.d -o out/hyp.o good.o",
		},
		{"no wildcards without -w", "objcopy -L e* good.o out/hyp.o", "prefix -o out/hyp.o good.o"},
		{"no wildcards in renames", "objcopy -w --redefine-sym e*=f* good.o out/hyp.o", "prefix -o out/hyp.o good.o"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := inputs(t)
			write(t, dir+"/objects.rsp", []byte("good.o\n'words.o'\n"))
			var objects [2]string
			for i, args := range []string{c.gnu, c.own} {
				os.Remove(dir + "/out/hyp.o")
				if r := hyplink(t, dir, strings.Fields(args)...); r.Code != 0 || r.Stderr != "" {
					t.Fatalf("hyplink %s: exit code %d, %s", args, r.Code, r.Stderr)
				}
				data, err := os.ReadFile(dir + "/out/hyp.o")
				if err != nil {
					t.Fatal(err)
				}
				objects[i] = string(data)
			}
			if objects[0] != objects[1] {
				t.Errorf("hyplink %s and hyplink %s make different objects", c.gnu, c.own)
			}
		})
	}
}

// kbuild checks the version: scripts/ld-version.sh expects the words GNU ld first and
// a number last, and ld-option of scripts/Kconfig.include only uses the exit code.
func TestLinkerVersion(t *testing.T) {
	for args, code := range map[string]int{
		"ld --version":                     0,
		"ld -v":                            0,
		"ld -v --no-warn-rwx-segments":     0,
		"ld -v -maarch64elf":               0,
		"ld -v -z norelro":                 0,
		"ld -v --fix-cortex-a53-843419":    2,
		"ld -v --pack-dyn-relocs=relr":     2,
		"ld -v -z pack-relative-relocs":    2,
		"ld -v --orphan-handling=warn":     0,
		"ld -v --fatal-warnings":           0,
		"ld -v --build-id=sha1":            0,
		"ld -v --build-id":                 0,
		"ld -v --merge-strings=lld17":      0,
		"ld -v --merge-strings=lld":        2,
		"ld -v --no-fatal-warnings":        0,
		"objcopy --version":                0,
		"objcopy -V":                       0,
		"objcopy --add-gnu-debuglink=x -V": 2,
	} {
		r := hyplink(t, t.TempDir(), strings.Fields(args)...)
		if r.Code != code {
			t.Errorf("hyplink %s: exit code %d, want %d: %s", args, r.Code, code, r.Stderr)
		}
		name, _, _ := strings.Cut(args, " ")
		if words := strings.Fields(r.Stdout); code == 0 && (len(words) < 4 || words[0] != "GNU" || words[1] != name || words[len(words)-1] != "2.40") {
			t.Errorf("hyplink %s: %q", args, r.Stdout)
		}
	}
}

// Unsupported options of the GNU tools are rejected by name.
func TestRefusedByName(t *testing.T) {
	dir := inputs(t)
	for args, want := range map[string]string{
		"ld -o out/hyp.o good.o":                         "hyplink ld: a full link is not supported, only a partial one; give -r, or use GNU ld",
		"ld -r good.o":                                   "hyplink ld: no output; give -o FILE",
		"ld -r -o out/hyp.o":                             "hyplink ld: no input objects",
		"ld -shared -o out/hyp.o good.o":                 "hyplink ld: option -shared is not taken; use GNU ld for it (taken are: ",
		"ld -r --gc-sections -o out/hyp.o good.o":        "hyplink ld: option --gc-sections is not taken; use GNU ld for it (taken are: ",
		"ld -r --build-id=uuid -o out/hyp.o good.o":      "hyplink ld: --build-id=uuid is not taken: it is another one in each link; use sha1, md5 or 0xHEX",
		"ld -r --build-id=xx -o out/hyp.o good.o":        "hyplink ld: --build-id=xx is not taken; want sha1, md5, 0xHEX or none",
		"ld -r --start-group good.o -o out/hyp.o":        "hyplink ld: --start-group without --end-group",
		"ld -r -( -( good.o -) -) -o out/hyp.o":          "hyplink ld: --start-group inside of a group; groups do not nest: give --end-group first",
		"ld -r good.o --end-group -o out/hyp.o":          "hyplink ld: --end-group ends no group; give --start-group before",
		"ld -r -e entry -o out/hyp.o good.o":             "hyplink ld: option -e is not taken; use GNU ld for it (taken are: ",
		"ld -r -z now -o out/hyp.o good.o":               "hyplink ld: -z now is not taken; use GNU ld for it (taken are: noexecstack, norelro)",
		"ld -r -m elf_i386 -o out/hyp.o good.o":          "hyplink ld: -m elf_i386: no such emulation; supported are aarch64elf, aarch64linux, aarch64elfb, aarch64linuxb, elf_x86_64, elf64lriscv",
		"ld -r --orphan-handling=discard -o x good.o":    "hyplink ld: --orphan-handling=discard is not taken; want place, warn or error, or use GNU ld",
		"objcopy -O binary good.o out/hyp.o":             "hyplink objcopy: option -O is not taken; use objcopy of GNU binutils for it (taken are: ",
		"objcopy --only-section=.text good.o out/hyp.o":  "hyplink objcopy: option --only-section is not taken; use objcopy of GNU binutils for it (taken are: ",
		"objcopy --rename-section=.a=.b,code good.o":     "hyplink objcopy: --rename-section=.a=.b,code: section flags (\"code\") cannot be changed; GNU objcopy can",
		"objcopy -R .shstrtab good.o":                    "hyplink objcopy: --remove-section=.shstrtab: .shstrtab is a table of the file format, which each object needs; remove the option",
		"objcopy --prefix-symbols=p_":                    "hyplink objcopy: 0 files, want IN or IN OUT",
		"objcopy good.o out/hyp.o words.o":               "hyplink objcopy: 3 files, want IN or IN OUT",
		"objcopy -G entry --globalize-symbol=x good.o":   "hyplink objcopy: --keep-global-symbol and --globalize-symbol exclude each other; say with one of them what is global",
		"prefix --prefix-class=x good.o -o out/hyp.o":    "hyplink prefix: invalid value \"x\" for flag -prefix-class: \"x\" is no class of symbols, want some of all, defined, ",
		"prefix --localize-symbol=[a good.o -o out/hyp.": "hyplink prefix: --localize-symbol: unterminated [ in the pattern \"[a\"; close it with ], or write [[]",
	} {
		r := hyplink(t, dir, strings.Fields(args)...)
		if r.Code != 2 || !strings.HasPrefix(r.Stderr, want) {
			t.Errorf("hyplink %s: exit code %d, want 2, and\n%s\nwant\n%s", args, r.Code, r.Stderr, want)
		}
		checkUntouched(t, dir, "")
	}
}

// A target that the command line names is one that the objects must have, and
// errors in files that options name are errors of input.
func TestStandInInputErrors(t *testing.T) {
	dir := inputs(t)
	write(t, dir+"/syms", []byte("entry start\nentry begin\n"))
	for args, want := range map[string]string{
		"ld -r -EB -o out/hyp.o good.o":                  "good.o: +0x5: its byte order is not the one of -EB; compile it for that byte order, or leave the option out [E3002]",
		"ld -r -maarch64elfb -o out/hyp.o good.o":        "good.o: +0x5: its byte order is not the one of -m aarch64elfb; compile it for that byte order, or leave the option out [E3002]",
		"ld -r -melf_x86_64 -o out/hyp.o good.o":         "good.o: +0x12: is for AArch64, but the command line says -m elf_x86_64; compile it for that machine, or leave the option out [E3002]",
		"objcopy --redefine-syms=syms good.o out/hyp.o":  "syms:2:1: entry gets two new names, start and begin; take one of the two out [E4003]",
		"objcopy --redefine-syms=none good.o out/hyp.o":  "none: cannot be opened: no such file or directory; check the path and its permissions [E5102]",
		"objcopy --localize-symbols=syms good.o out/h.o": "syms:1:7: \"start\" after the name; put one name on each line [E5205]",
		"objcopy -R .text good.o out/hyp.o":              "good.o: .data+0x8: relocation R_AARCH64_ABS64 refers to entry in section .text, which is to be removed; keep that section, or remove this one as well [E4001]",
		"objcopy --redefine-sym=entry=outside good.o":    "good.o: two symbols are to be named outside: entry (.text+0x0) and outside (undefined); give one of them another name, or leave one of them as it is [E4005]",
	} {
		r := hyplink(t, dir, strings.Fields(args)...)
		if r.Code != 1 || strings.TrimSuffix(r.Stderr, "\n") != want {
			t.Errorf("hyplink %s: exit code %d, want 1, and\n%s\nwant\n%s", args, r.Code, r.Stderr, want)
		}
		checkUntouched(t, dir, "")
	}
}

// objcopy with one file changes it in place; after an error it is unchanged.
func TestObjcopyInPlace(t *testing.T) {
	dir := inputs(t)
	read := func(name string) string {
		data, err := os.ReadFile(dir + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	before := read("good.o")
	if r := hyplink(t, dir, "objcopy", "--redefine-sym=entry=outside", "good.o"); r.Code != 1 || read("good.o") != before {
		t.Errorf("exit code %d; the file changed: %v", r.Code, read("good.o") != before)
	}
	if r := hyplink(t, dir, "objcopy", "--prefix-symbols=p_", "good.o", "out/hyp.o"); r.Code != 0 || read("good.o") != before {
		t.Fatalf("exit code %d, %s; the input changed: %v", r.Code, r.Stderr, read("good.o") != before)
	}
	if r := hyplink(t, dir, "objcopy", "--prefix-symbols=p_", "good.o"); r.Code != 0 || read("good.o") != read("out/hyp.o") {
		t.Errorf("exit code %d, %s; the object differs in place: %v", r.Code, r.Stderr, read("good.o") != read("out/hyp.o"))
	}
}
