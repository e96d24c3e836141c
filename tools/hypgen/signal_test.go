// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A signal that ends hypgen ends make as well.
func TestSignals(t *testing.T) {
	for _, sent := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		w := newWorld(t)
		program, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		hypgen := filepath.Join(w.root, "bin/hypgen")
		if err := os.Symlink(program, hypgen); err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		command := exec.Command(hypgen, "init", "-rules_hyp", w.rules, "-workspace", w.dir, w.kernel, "FAKE=waits in prepare")
		command.Stderr = &stderr
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		child := 0
		for child == 0 {
			time.Sleep(10 * time.Millisecond)
			child, _ = strconv.Atoi(w.read("linux-objects/waits"))
		}
		if err := command.Process.Signal(sent); err != nil {
			t.Fatal(err)
		}
		if err := command.Wait(); err == nil || !strings.Contains(stderr.String(), "interrupted [E6039]") {
			t.Errorf("%v: got %v, %s; want an error", sent, err, stderr.String())
		}
		if err := syscall.Kill(child, 0); err == nil {
			t.Errorf("%v: make goes on", sent)
		}
	}
}
