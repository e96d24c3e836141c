// SPDX-License-Identifier: Apache-2.0

package tree

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// configurationFiles are the files that kbuild's syncconfig writes.
var configurationFiles = []string{
	".config",
	"include/config/auto.conf",
	"include/config/auto.conf.cmd",
	"include/generated/autoconf.h",
	"include/generated/rustc_cfg",
}

// guard notices changes of a tree, and saves its configuration files. Even with
// -n, make remakes the makefiles that it includes, with other programs that it
// builds first: of a different compiler kbuild would write another configuration
// and, if that fails, make would delete it. DryRun prevents that; the guard is
// for kernels whose kbuild does it in another way.
type guard struct {
	root   string
	files  []guarded
	before map[string]stamp
}

type guarded struct {
	name     string
	text     []byte
	mode     fs.FileMode
	modified time.Time
}

// stamp is what a write to a file or directory changes.
type stamp struct {
	mode     fs.FileMode
	size     int64
	modified time.Time
}

// snapshot returns the stamps of a tree's files and directories by their relative paths. Git's own are left out: other programs write them.
func snapshot(root string) (map[string]stamp, error) {
	stamps := map[string]stamp{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrPermission) && entry != nil && entry.IsDir() && name != root {
			// make cannot read it either.
			return fs.SkipDir
		}
		if err != nil {
			return err
		}
		if entry.Name() == ".git" {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		stamps[relative] = stamp{info.Mode(), info.Size(), info.ModTime()}
		return nil
	})
	return stamps, err
}

func newGuard(root string) (*guard, error) {
	before, err := snapshot(root)
	if err != nil {
		return nil, err
	}
	g := &guard{root: root, before: before}
	for _, name := range configurationFiles {
		file := filepath.Join(root, name)
		info, err := os.Stat(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		g.files = append(g.files, guarded{file, text, info.Mode().Perm(), info.ModTime()})
	}
	return g, nil
}

// check returns an error if the tree has changed. It restores the configuration.
func (g *guard) check() error {
	if err := g.restore(); err != nil {
		return err
	}
	after, err := snapshot(g.root)
	if err != nil {
		return err
	}
	var changed []string
	for name, now := range after {
		if before, ok := g.before[name]; !ok || now != before {
			changed = append(changed, name)
		}
	}
	for name := range g.before {
		if _, ok := after[name]; !ok {
			changed = append(changed, name)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	slices.Sort(changed)
	return errcode.TreeChanged.Errorf("%s: %d files or directories of the tree changed during make -n, among them %s; hypgen reads a tree at rest: "+
		"if no other program changes it, report this with the kernel's version", g.root, len(changed), strings.Join(changed[:min(3, len(changed))], ", "))
}

// restore restores files that have changed. It returns an error if there are any.
func (g *guard) restore() error {
	changed := ""
	for _, file := range g.files {
		text, err := os.ReadFile(file.name)
		info, statErr := os.Stat(file.name)
		if err == nil && statErr == nil && bytes.Equal(text, file.text) && info.ModTime().Equal(file.modified) {
			continue
		}
		if changed == "" {
			changed = file.name
		}
		if err := os.WriteFile(file.name, file.text, file.mode); err != nil {
			return err
		}
		if err := os.Chtimes(file.name, file.modified, file.modified); err != nil {
			return err
		}
	}
	if changed == "" {
		return nil
	}
	return errcode.TreeReconfigured.Errorf("%s: kbuild reconfigured the tree, and hypgen restored the configuration; "+
		"give hypgen the compiler that the tree was prepared with (CROSS_COMPILE=…, LLVM=…, PATH), or prepare it again", changed)
}
