// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
)

// cache keeps generated inputs.
type cache struct{ dir string }

// directory returns the directory with a kind of inputs, which it fills if it does not exist. key identifies how they are made: another key is another
// directory. If fill fails or is interrupted, the directory does not exist.
func (c cache) directory(kind, key string, fill func(dir string) error) (string, error) {
	sum := sha256.Sum256([]byte(key))
	dir := filepath.Join(c.dir, kind+"-"+hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(c.dir, 0o777); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(c.dir, "making-"+kind+"-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	fmt.Fprintf(os.Stderr, "making the inputs of %s\n", kind)
	if err := fill(tmp); err != nil {
		return "", fmt.Errorf("inputs of %s: %w", kind, err)
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return "", err
	}
	return dir, os.Rename(tmp, dir)
}

// prepare runs a command that makes inputs.
func prepare(dir string, argv []string) error {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", shorten(argv), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return nil
}

// inParallel calls one for 0 to n-1 on all processors, and joins the errors.
func inParallel(n int, one func(i int) error) error {
	errs := make([]error, n)
	next := int64(-1)
	var wait sync.WaitGroup
	for range runtime.NumCPU() {
		wait.Go(func() {
			for i := int(atomic.AddInt64(&next, 1)); i < n; i = int(atomic.AddInt64(&next, 1)) {
				errs[i] = one(i)
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// copyFile copies a file.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
