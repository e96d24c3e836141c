// SPDX-License-Identifier: Apache-2.0

package el2_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// link runs hyplink over the example's objects with a script given as text, and returns its exit code and messages.
func link(t *testing.T, script string) (code int, stderr, output string) {
	t.Helper()
	root := filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("TEST_WORKSPACE"))
	dir := t.TempDir()
	lds := filepath.Join(dir, "hyp.lds")
	if err := os.WriteFile(lds, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	output = filepath.Join(dir, "hyp.o")
	args := []string{"link", "--script=" + lds, "-o", output}
	objects := strings.Fields(os.Getenv("OBJECTS"))
	if len(objects) != 3 {
		t.Fatalf("OBJECTS names %d files; want 3", len(objects))
	}
	for _, o := range objects {
		args = append(args, filepath.Join(root, o))
	}
	cmd := exec.Command(filepath.Join(root, os.Getenv("HYPLINK")), args...)
	var messages bytes.Buffer
	cmd.Stderr = &messages
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			t.Fatal(err)
		}
		code = exit.ExitCode()
	}
	return code, messages.String(), output
}

func TestAScriptThatMatchesNothingIsAnError(t *testing.T) {
	code, stderr, output := link(t, "SECTIONS { .hyp.text : { *(.no_such_text) } }\n")
	if code != 1 {
		t.Errorf("exit code %d; want 1; it says %q", code, stderr)
	}
	if !strings.Contains(stderr, "hyp.lds") || !strings.Contains(stderr, "no input section") {
		t.Errorf("it says %q; want the script's name and that no input section matches", stderr)
	}
	if left, _ := filepath.Glob(output + "*"); len(left) != 0 {
		t.Errorf("files left behind: %q", left)
	}
}

func TestAScriptThatMatchesIsNoError(t *testing.T) {
	code, stderr, output := link(t, "SECTIONS { .hyp.text : { *(.text .text.*) } }\n")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	if _, err := os.Stat(output); err != nil {
		t.Error(err)
	}
}
