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

// cache keeps generated inputs, each in a folder of its own.
type cache struct{ dir string }

// folder returns the folder of a kind of inputs, made by fill when it is not there yet. key says what they are made from and how: another key,
// another folder. A fill that fails or is interrupted leaves nothing that would be taken for inputs.
func (c cache) folder(kind, key string, fill func(dir string) error) (string, error) {
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

// each makes things in parallel, as many at once as there are processors, and returns what went wrong.
func each(n int, one func(i int) error) error {
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
