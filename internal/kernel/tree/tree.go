// SPDX-License-Identifier: Apache-2.0

// Package tree finds files in a kernel tree and runs make -n in it.
package tree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Tree is a kernel tree in which `make prepare` has run.
type Tree struct {
	// Objects is where kbuild writes: the tree that .config is in.
	Objects string
	// Source is the source tree: the same as Objects unless the tree was built with O=.
	Source string
}

// Open finds the source tree of an object tree. Both paths are absolute, with
// symbolic links resolved. The tree may be incomplete, as in the repository
// @linux, unless make runs in it.
func Open(dir string) (*Tree, error) {
	objects, err := filepath.EvalSymlinks(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errcode.FileNotOpened.Errorf("TREE: %s: no such file or directory; give the directory in which `make prepare` ran, or that of its O=", dir)
	}
	if err != nil {
		return nil, err
	}
	if objects, err = filepath.Abs(objects); err != nil {
		return nil, err
	}
	t := &Tree{Objects: objects, Source: objects}
	// kbuild makes this link in a separate object tree.
	source, err := filepath.EvalSymlinks(filepath.Join(objects, "source"))
	switch {
	case err == nil:
		t.Source = source
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(objects, ".config")); err != nil {
		switch {
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		case !t.isSource():
			return nil, errcode.NotKernelTree.Errorf("%s: no .config in it, and no Kconfig and scripts/Kbuild.include of a kernel: not a kernel tree; "+
				"give the directory in which `make prepare` ran, or that of its O=", dir)
		}
		return nil, errcode.TreeNotConfigured.Errorf("%s: no .config in it: the kernel tree is not configured; %s; if that was done with O=, give that directory", dir, adviceConfigure)
	}
	return t, nil
}

// isSource tells whether the source tree is one of a kernel.
func (t *Tree) isSource() bool {
	for _, name := range []string{"Makefile", "Kconfig", "scripts/Kbuild.include"} {
		if info, err := os.Stat(filepath.Join(t.Source, name)); err != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	return true
}

// Path returns the file for a path relative to the root: in the object tree, or
// else in the source tree.
func (t *Tree) Path(name string) (string, bool) {
	for _, root := range []string{t.Objects, t.Source} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file, true
		}
	}
	return "", false
}

var versionLine = regexp.MustCompile(`(?m)^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*=[ \t]*(\S*)[ \t]*$`)

// Release returns the version in the tree's Makefile, such as "6.1.176".
func (t *Tree) Release() (string, error) {
	name := filepath.Join(t.Source, "Makefile")
	text, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	return ReleaseOf(name, text)
}

// ReleaseOf returns the version in the text of a tree's Makefile. name is for errors.
func ReleaseOf(name string, text []byte) (string, error) {
	fields := map[string]string{}
	for _, match := range versionLine.FindAllSubmatch(text, -1) {
		fields[string(match[1])] = string(match[2])
	}
	if fields["VERSION"] == "" || fields["PATCHLEVEL"] == "" {
		return "", errcode.KernelVersion.Errorf("%s: no VERSION and PATCHLEVEL; is it the top of a kernel tree?", name)
	}
	release := fields["VERSION"] + "." + fields["PATCHLEVEL"]
	if fields["SUBLEVEL"] != "" {
		release += "." + fields["SUBLEVEL"]
	}
	return release + fields["EXTRAVERSION"], nil
}
