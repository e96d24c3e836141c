// SPDX-License-Identifier: Apache-2.0

package peers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/program"
)

// tool runs a peer, whose path is in an environment variable, in a directory.
func tool(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	return program.Must(t, dir, program.File(t, name), args...)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

const source = "\t.text\n\t.globl f\nf:\tnop\n"

// check fails unless an object defines pre_f and a readelf can read it.
func check(t *testing.T, dir, readelf, object string) {
	t.Helper()
	if symbols := tool(t, dir, readelf, "-sW", object); !strings.Contains(symbols, "pre_f") {
		t.Errorf("%s -s %s: got %s, want pre_f in it", readelf, object, symbols)
	}
}

// The programs of each processor assemble, link, rename and read, without anything of the host.
func TestGNU(t *testing.T) {
	for _, processor := range []string{"AARCH64", "RISCV64", "X86_64"} {
		t.Run(processor, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "a.s", source)
			tool(t, dir, processor+"_AS", "-o", "a.o", "a.s")
			tool(t, dir, processor+"_LD", "-r", "-o", "linked.o", "a.o")
			tool(t, dir, "MOLD", "-r", "-o", "mold.o", "a.o")
			tool(t, dir, "LD_LLD", "-r", "-o", "lld.o", "a.o")
			for _, linked := range []string{"linked.o", "mold.o", "lld.o"} {
				tool(t, dir, processor+"_OBJCOPY", "--prefix-symbols=pre_", linked, "prefixed.o")
				check(t, dir, processor+"_READELF", "prefixed.o")
			}
			tool(t, dir, processor+"_ADDR2LINE", "-e", "linked.o", "0")
		})
	}
}

func TestLLVM(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.c", "int f(void) { return 1; }\n")
	tool(t, dir, "CLANG", "-g", "-c", "a.c", "-o", "a.o")
	tool(t, dir, "LLVM_OBJCOPY", "--prefix-symbols=pre_", "a.o", "prefixed.o")
	check(t, dir, "LLVM_READELF", "prefixed.o")
	if found := tool(t, dir, "LLVM_DWARFDUMP", "--lookup=0", "a.o"); !strings.Contains(found, "DW_TAG_subprogram") {
		t.Errorf("got %s, want the function", found)
	}
}
