// SPDX-License-Identifier: Apache-2.0

// Package prepare prepares a kernel tree: it configures it and runs make prepare,
// in an object tree and never in the source tree.
package prepare

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// ObjectsSuffix is what the default object tree's name has after that of its source tree.
const ObjectsSuffix = "-objects"

// Place is a kernel's source tree and where its objects are, or will be. Both paths are absolute, with symbolic links resolved.
type Place struct {
	Source, Objects string
	// Own says that hypgen prepares the object tree: it made it, or will. Another one is only read.
	Own bool
	// Given is the operand's path: one of the two.
	Given string
}

// InPlace tells whether the source tree is its own object tree.
func (p *Place) InPlace() bool { return p.Source == p.Objects }

// Tree returns the place as a tree, which may not be prepared.
func (p *Place) Tree() *tree.Tree { return &tree.Tree{Objects: p.Objects, Source: p.Source} }

// Locate finds the trees of dir: a source tree, or an object tree of O=. objects is the object tree to use with a source tree that was not
// built in; "" is the default, beside it. Nothing is written.
func Locate(dir, objects string) (*Place, error) {
	root, err := resolve(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errcode.FileNotOpened.Errorf("TREE: %s: no such file or directory; give the directory of a kernel's source tree, or of its objects", dir)
	}
	if err != nil {
		return nil, err
	}
	if !tree.IsSource(root) {
		return locateObjects(dir, root, objects)
	}
	if _, err := os.Lstat(filepath.Join(root, ".config")); err == nil {
		if objects != "" {
			return nil, errcode.TreeInPlace.Errorf("%s: the tree was configured in place, and kbuild does not use another object tree with such a source tree; "+
				"leave -objects out, or run `make mrproper` in the tree, which removes its .config and objects", root)
		}
		return &Place{Source: root, Objects: root, Given: root}, nil
	}
	if objects == "" {
		objects = root + ObjectsSuffix
	}
	if objects, err = resolveNew(objects); err != nil {
		return nil, err
	}
	if Inside(objects, root) {
		return nil, errcode.ObjectsPlace.Errorf("-objects: %s is in the source tree, where hypgen does not write; give a directory outside of %s", objects, root)
	}
	return examine(root, objects, root)
}

func locateObjects(dir, root, objects string) (*Place, error) {
	if top := topOf(root); top != "" {
		return nil, errcode.NotKernelTree.Errorf("%s: is a directory in the kernel tree %s; give that", dir, top)
	}
	opened, err := tree.Open(root)
	if err != nil {
		return nil, err
	}
	if !tree.IsSource(opened.Source) {
		return nil, errcode.NotKernelTree.Errorf("%s: has a .config, and neither it nor its link `source` is the source tree of a kernel; "+
			"give the directory in which `make prepare` ran, or that of its O=", dir)
	}
	if objects != "" {
		return nil, errcode.ObjectsPlace.Errorf("-objects: %s is an object tree already; give the source tree %s with -objects, or leave it out", dir, opened.Source)
	}
	return examine(opened.Source, root, root)
}

// topOf returns the kernel tree that a directory is in.
func topOf(dir string) string {
	for dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
		if tree.IsSource(dir) {
			return dir
		}
	}
	return ""
}

// examine finds out whose the object tree is.
func examine(source, objects, given string) (*Place, error) {
	p := &Place{Source: source, Objects: objects, Given: given}
	entries, err := os.ReadDir(objects)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		p.Own = true
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	state, err := readState(objects)
	if err != nil {
		return nil, err
	}
	if state != nil {
		if state.source != source {
			return nil, errcode.ObjectsPlace.Errorf("%s: was prepared from the source tree %s, not from %s; give another directory with -objects, or remove this one",
				objects, state.source, source)
		}
		p.Own = true
		return p, nil
	}
	opened, err := tree.Open(objects)
	if err != nil {
		return nil, errcode.ObjectsPlace.Errorf("%s: is neither empty nor an object tree; give another directory with -objects", objects)
	}
	if opened.Source != source {
		return nil, errcode.ObjectsPlace.Errorf("%s: is not an object tree of %s; give another directory with -objects", objects, source)
	}
	return p, nil
}

// Inside tells whether a path is a directory or in it.
func Inside(name, dir string) bool {
	relative, err := filepath.Rel(dir, name)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, ".."+string(filepath.Separator))
}

// resolve returns the absolute path of a directory, links resolved.
func resolve(dir string) (string, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return "", err
	}
	info, err := os.Stat(root)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return "", errcode.NotKernelTree.Errorf("%s: is not a directory; give the directory of a kernel tree", dir)
	}
	return root, nil
}

// resolveNew is resolve for a directory that need not exist, but its parent.
func resolveNew(dir string) (string, error) {
	root, err := resolve(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return root, err
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	parent, err := resolve(filepath.Dir(absolute))
	if errors.Is(err, fs.ErrNotExist) {
		return "", errcode.ObjectsPlace.Errorf("%s: its parent directory does not exist; make it first", dir)
	}
	return filepath.Join(parent, filepath.Base(absolute)), err
}
