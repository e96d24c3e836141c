// Package tree finds files in a kernel tree and runs make -n in it.
package tree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
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
	if _, ok := t.Path(".config"); !ok {
		return nil, fmt.Errorf("%s: no .config in it; is it a kernel's object tree?", dir)
	}
	return t, nil
}

// CheckPrepared returns an error, with the command to run, unless `make prepare` has run since the last change of .config.
func (t *Tree) CheckPrepared() error {
	const advice = "run `make ARCH=arm64 … prepare` in the tree, with the variables that you give hypgen"
	for _, made := range []string{"include/config/auto.conf", "include/generated/autoconf.h", "include/generated/asm-offsets.h"} {
		if _, err := os.Stat(filepath.Join(t.Objects, made)); err != nil {
			return fmt.Errorf("%s: no %s in it; %s", t.Objects, made, advice)
		}
	}
	config, err := os.Stat(filepath.Join(t.Objects, ".config"))
	if err != nil {
		return err
	}
	made, err := os.Stat(filepath.Join(t.Objects, "include/config/auto.conf"))
	if err != nil {
		return err
	}
	// make would run syncconfig, even with -n, because it remakes the makefiles that it includes.
	if made.ModTime().Before(config.ModTime()) {
		return fmt.Errorf("%s: .config is newer than include/config/auto.conf; %s", t.Objects, advice)
	}
	return nil
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
	fields := map[string]string{}
	for _, match := range versionLine.FindAllSubmatch(text, -1) {
		fields[string(match[1])] = string(match[2])
	}
	if fields["VERSION"] == "" || fields["PATCHLEVEL"] == "" {
		return "", fmt.Errorf("%s: no VERSION and PATCHLEVEL; is it the top of a kernel tree?", name)
	}
	release := fields["VERSION"] + "." + fields["PATCHLEVEL"]
	if fields["SUBLEVEL"] != "" {
		release += "." + fields["SUBLEVEL"]
	}
	return release + fields["EXTRAVERSION"], nil
}

// kept are the environment variables that the dry run gets. Others (KCFLAGS,
// MAKEFLAGS, LOCALVERSION, a locale) would silently change flags; they can be
// given as arguments of make.
var kept = []string{"PATH", "HOME", "TMPDIR"}

// DryRun returns the output of make -n for a directory. arguments are make's, such as CROSS_COMPILE=….
func (t *Tree) DryRun(ctx context.Context, make, dir string, arguments []string) (string, error) {
	args := []string{
		"-n", "V=1", "--no-print-directory", "-C", t.Objects,
		// Makes the paths of the source tree absolute, with and without O=.
		"KBUILD_ABS_SRCTREE=1",
		// kbuild's if_changed (scripts/Kbuild.include) checks whether a prerequisite or the command has changed. With these values it prints
		// all commands, also for objects that are built. -B would do that, too, but would also remake the makefiles that make includes.
		"newer-prereqs=yes", "cmd-check=yes",
		"ARCH=arm64",
	}
	args = append(args, arguments...)
	args = append(args, dir+"/")
	command := exec.CommandContext(ctx, make, args...)
	// The second one makes syncconfig fail if it would ask or change something.
	command.Env = []string{"LC_ALL=C", "KCONFIG_NOSILENTUPDATE=1"}
	for _, name := range kept {
		if value, ok := os.LookupEnv(name); ok {
			command.Env = append(command.Env, name+"="+value)
		}
	}
	guard, err := newGuard(t.Objects)
	if err != nil {
		return "", err
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	runErr := command.Run()
	if err := guard.restore(); err != nil {
		return "", err
	}
	if runErr != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", make, strings.Join(args, " "), runErr, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}
