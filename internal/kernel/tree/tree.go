// Package tree finds its way in a kernel tree and asks make what it would do there.
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
	// Source is the source tree; the same as Objects unless the tree was made with O=.
	Source string
}

// Open finds the source tree of an object tree. Both are absolute, with links
// resolved. A tree that is not whole will do, such as the repository @linux, as long as nothing is asked of make.
func Open(dir string) (*Tree, error) {
	objects, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	if objects, err = filepath.Abs(objects); err != nil {
		return nil, err
	}
	t := &Tree{Objects: objects, Source: objects}
	// kbuild leaves this link in an object tree that is apart from the source.
	source, err := filepath.EvalSymlinks(filepath.Join(objects, "source"))
	switch {
	case err == nil:
		t.Source = source
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if _, ok := t.Path(".config"); !ok {
		return nil, fmt.Errorf("%s: it has no .config; is it a kernel's object tree?", dir)
	}
	return t, nil
}

// CheckPrepared returns an error that says what to run where kbuild's `prepare` has not run since the last change of .config.
func (t *Tree) CheckPrepared() error {
	const advice = "run `make ARCH=arm64 … prepare` in the tree, with the variables that you give hypgen"
	for _, made := range []string{"include/config/auto.conf", "include/generated/autoconf.h", "include/generated/asm-offsets.h"} {
		if _, err := os.Stat(filepath.Join(t.Objects, made)); err != nil {
			return fmt.Errorf("%s: it has no %s; %s", t.Objects, made, advice)
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
	// make would run syncconfig, even under -n, because it re-makes the makefiles that it includes.
	if made.ModTime().Before(config.ModTime()) {
		return fmt.Errorf("%s: .config is newer than include/config/auto.conf; %s", t.Objects, advice)
	}
	return nil
}

// Path returns the file that a path relative to the root names: what kbuild
// made goes before the source.
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

// Release returns the version that the tree's Makefile states, such as "6.1.176".
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

// kept are the variables of the environment that the dry run sees. Whatever
// else is set (KCFLAGS, MAKEFLAGS, LOCALVERSION, a locale) would change flags
// behind the reader's back; it can be given as an argument, where one sees it.
var kept = []string{"PATH", "HOME", "TMPDIR"}

// DryRun returns what make says it would do for a folder. arguments are make's, such as CROSS_COMPILE=….
func (t *Tree) DryRun(ctx context.Context, make, folder string, arguments []string) (string, error) {
	args := []string{
		"-n", "V=1", "--no-print-directory", "-C", t.Objects,
		// Paths of the source tree are then absolute in every kind of tree.
		"KBUILD_ABS_SRCTREE=1",
		// What kbuild's if_changed (scripts/Kbuild.include) asks: has a prerequisite changed, has the command? Yes makes it print all
		// commands, those of a built object too. -B would do so, but would also re-make the makefiles that make includes, even under -n.
		"newer-prereqs=yes", "cmd-check=yes",
		"ARCH=arm64",
	}
	args = append(args, arguments...)
	args = append(args, folder+"/")
	command := exec.CommandContext(ctx, make, args...)
	// The second makes syncconfig fail where it would ask or change something.
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
