package undefined

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// oneFile is a tree that holds ListFile only.
type oneFile string

func (f oneFile) Path(name string) (string, bool) { return string(f), f != "" && name == ListFile }

func TestList(t *testing.T) {
	tree := oneFile(filepath.Join(t.TempDir(), "image-vars.h"))
	if err := os.WriteFile(string(tree), []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := List(tree, "6.1.2", "__pi_")
	want := "# What arch/arm64/kernel/image-vars.h of Linux 6.1.2 lets the object use of the kernel. Written by hypgen.\n" +
		"__pi_memcpy\n__pi_plain\n"
	if err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestListErrors(t *testing.T) {
	tree := oneFile(filepath.Join(t.TempDir(), "image-vars.h"))
	if _, err := List(oneFile(""), "6.1.2", "__pi_"); err == nil || !strings.Contains(err.Error(), ListFile+": not in the kernel tree") {
		t.Errorf("no list: got error %v, want one that names %s", err, ListFile)
	}
	if _, err := List(tree, "6.1.2", "__pi_"); err == nil || !strings.Contains(err.Error(), string(tree)) {
		t.Errorf("unreadable: got error %v, want one that names %s", err, tree)
	}
	if err := os.WriteFile(string(tree), []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := List(tree, "6.1.2", "__other_"); err == nil || !strings.Contains(err.Error(), `no symbol with the prefix "__other_"`) {
		t.Errorf("no symbol: got error %v, want one that names the prefix", err)
	}
}
