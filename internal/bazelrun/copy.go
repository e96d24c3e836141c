// SPDX-License-Identifier: Apache-2.0

package bazelrun

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// otherStamp is how much older the files of a copy are, if its time stamps vary.
const otherStamp = 500*24*time.Hour + 11*time.Hour

// copyTree copies a directory. Bazel's symlinks to its outputs, bazel-*, are left out, and
// so is the directory skip. Modes are kept, and time stamps too, unless they vary.
func copyTree(from, to, skip string, otherStamps bool) error {
	type stamp struct {
		path string
		time time.Time
	}
	var directories []stamp
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == skip {
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		info, err := entry.Info()
		if err != nil {
			return err
		}
		modified := info.ModTime()
		if otherStamps {
			modified = modified.Add(-otherStamp)
		}
		switch mode := info.Mode(); {
		case mode.IsDir():
			directories = append(directories, stamp{target, modified})
			return os.MkdirAll(target, mode.Perm()|0o700)
		case mode.Type() == fs.ModeSymlink:
			if strings.HasPrefix(filepath.Base(path), "bazel-") {
				return nil
			}
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		case mode.IsRegular():
			if err := copyFile(path, target, mode.Perm()); err != nil {
				return err
			}
			return os.Chtimes(target, modified, modified)
		}
		// Sockets and pipes are no inputs of a build.
		return nil
	})
	for i := len(directories) - 1; i >= 0 && err == nil; i-- {
		err = os.Chtimes(directories[i].path, directories[i].time, directories[i].time)
	}
	if err != nil {
		return errcode.BuildDirectory.Errorf("%s: cannot be copied: %w", from, err)
	}
	return nil
}

func copyFile(from, to string, mode fs.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	// The umask took some bits.
	return errors.Join(err, out.Chmod(mode), out.Close())
}

// RemoveTree removes a directory in which Bazel made some directories read-only.
func RemoveTree(dir string) error {
	filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			os.Chmod(path, 0o700)
		}
		return nil
	})
	return os.RemoveAll(dir)
}
