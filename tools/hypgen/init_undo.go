// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// undo restores files and removes directories that were made.
type undo struct{ steps []func() error }

// add notes what a file was; before is nil if it did not exist.
func (u *undo) add(name string, before []byte) {
	u.steps = append(u.steps, func() error {
		if before != nil {
			return fileio.WriteBytes(name, before)
		}
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

// makeDirectory makes a directory and those that it is in.
func (u *undo) makeDirectory(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := u.makeDirectory(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	u.steps = append(u.steps, func() error { return os.Remove(dir) })
	return nil
}

// run undoes everything, the last step first.
func (u *undo) run() error {
	var err error
	for _, step := range slices.Backward(u.steps) {
		err = errors.Join(err, step())
	}
	return err
}
