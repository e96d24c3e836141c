// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseCommand(t *testing.T) {
	for line, want := range map[string]string{
		"cmd_fs/a.ko := aarch64-linux-gnu-ld -r -EL --build-id=sha1  -T scripts/module.lds -o fs/a.ko fs/a.o fs/a.mod.o;  true": "modules fs/a.ko: aarch64-linux-gnu-ld: -r -EL --build-id=sha1 -T scripts/module.lds fs/a.o fs/a.mod.o",
		"savedcmd_fs/a.o := ld.lld -EL   -r -o fs/a.o @fs/a.mod ":                                                               "objects of several sources fs/a.o: ld.lld: -EL -r @fs/a.mod",
		"cmd_vmlinux.o := hyplink ld -EL -r -o vmlinux.o  --whole-archive vmlinux.a --start-group  --end-group ":                "vmlinux.o vmlinux.o: hyplink ld: -EL -r --whole-archive vmlinux.a --start-group --end-group",
		"cmd_kvm/nvhe/kvm_nvhe.tmp.o := ld -r -T hyp.lds a.o -o kvm/nvhe/kvm_nvhe.tmp.o":                                        "the hypervisor kvm/nvhe/kvm_nvhe.tmp.o: ld: -r -T hyp.lds a.o",
		`cmd_vmlinux := scripts/link-vmlinux.sh "ld" "-EL -r " "-X";  true`:                                                     "none",
		"cmd_vdso.so.dbg := ld -shared -T vdso.lds note.o -o vdso.so.dbg":                                                       "none",
		"cmd_a.o := gcc -c -o a.o a.c ; ld -r -o .tmp_a.o a.o; mv .tmp_a.o a.o":                                                 "none",
		"deps_a.o := ld -r -o a.o": "none",
		"cmd_a.o := ld -r a.o -o":  "-o without a file",
		"cmd_a.o := ld -r b.o":     "a partial link without -o",
	} {
		l, err := parseCommand(line)
		got := "none"
		switch {
		case err != nil:
			got = err.Error()
		case l != nil:
			got = l.kind() + " " + l.output + ": " + strings.Join(l.linker, " ") + ": " + strings.Join(l.args, " ")
		}
		if got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", line, got, want)
		}
	}
}

// The linkers are run in the tree, in turns, and results that differ are an error.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	// A linker that writes its arguments to the last of them, and compares as cmp does.
	linker := write("bin/tool", `#!/bin/sh
if [ "$1" = compare ]; then cmp "$3" "$4" || exit 1; exit 0; fi
for last; do :; done
if [ "$1" = ld ]; then shift; fi
echo "$3" > "$last"; cat "$3" >> "$last"
`)
	write("tree/fs/.a.ko.cmd", "cmd_fs/a.ko := "+linker+"-ld -r -T fs/a.o -o fs/a.ko\n")
	write("tree/fs/a.o", "object")
	if err := os.Symlink("tool", linker+"-ld"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run([]string{"-objects=" + dir + "/tree", "-hyplink=" + linker, "-runs=2", "-compare"}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "| modules | 1 | ") || !strings.Contains(out.String(), "1 objects are equal") {
		t.Error(out.String())
	}
	other := write("bin/other", "#!/bin/sh\nfor last; do :; done\necho other > \"$last\"\n")
	err := run([]string{"-objects=" + dir + "/tree", "-hyplink=" + linker, "-linker=" + other, "-runs=1", "-compare"}, &out)
	if err == nil || !strings.Contains(err.Error(), "1 of 1 objects differ:\nfs/a.ko\n") {
		t.Errorf("other objects: %v", err)
	}
	if err := run([]string{"-objects=" + dir + "/bin", "-hyplink=" + linker}, &out); err == nil || !strings.Contains(err.Error(), "recorded no partial link") {
		t.Errorf("no links: %v", err)
	}
}
