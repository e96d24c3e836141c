// SPDX-License-Identifier: Apache-2.0

package tree

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// make names the object that it cannot make; the message has the source.
func TestMissingSource(t *testing.T) {
	objects, source := prepared(t)
	if err := os.MkdirAll(filepath.Join(source, "virt/el2"), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(source, "virt/el2/there.S"), "")
	tree, err := Open(objects)
	if err != nil {
		t.Fatal(err)
	}
	const message = "make[2]: *** No rule to make target '%', needed by 'virt/el2/kvm_nvhe.tmp.o'.  Stop.\n"
	for target, want := range map[string]string{
		"virt/el2/stacktrace.nvhe.o": "has no virt/el2/stacktrace.c and no virt/el2/stacktrace.S, and its Makefile compiles virt/el2/stacktrace.nvhe.o; restore",
		"virt/el2/../entry.nvhe.o":   "has no virt/entry.c and",
		"virt/el2/plain.o":           "has no virt/el2/plain.c and",
		"virt/el2/there.nvhe.o":      "",
		"virt/el2/header.h":          "",
	} {
		err := tree.missingSource(strings.Replace(message, "%", target, 1))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want one with %q", target, err, want)
		}
	}
	// The command of another failure can be run as it is: the shell must not see make's $.
	_, err = tree.DryRun(context.Background(), "false", "virt/el2", []string{"CC=ccache gcc"})
	if err == nil || !strings.HasPrefix(err.Error(), "false -n ") || !strings.Contains(err.Error(), "/$$$$' ") || !strings.Contains(err.Error(), " 'CC=ccache gcc' virt/el2/: ") {
		t.Errorf("got error %v, want one with a command for the shell", err)
	}
	if err := tree.missingSource("make: *** [Makefile:1: x] Error 2"); err != nil {
		t.Errorf("another message: got error %v", err)
	}
}
