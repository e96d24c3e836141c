// SPDX-License-Identifier: Apache-2.0

package tree

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
)

// kept are the environment variables that the dry run gets. Others (KCFLAGS,
// MAKEFLAGS, LOCALVERSION, a locale) would silently change flags; they can be
// given as arguments of make.
var kept = []string{"PATH", "HOME", "TMPDIR"}

// environment is that of make and of the compiler in a tree that is only read.
func environment() []string {
	// Makes syncconfig fail if it would ask or change something.
	return append(Environment(), "KCONFIG_NOSILENTUPDATE=1")
}

// DryRun returns the output of make -n for a directory. arguments are make's, such as CROSS_COMPILE=….
//
// It does not write into the tree. Make remakes the makefiles that it includes
// even with -n, and kbuild's variable assignments run the compiler, so the
// variables below keep both out of the tree; a change of the tree is an error.
func (t *Tree) DryRun(ctx context.Context, make, dir string, arguments []string) (_ string, err error) {
	scratch, err := os.MkdirTemp("", "hypgen")
	if err != nil {
		return "", err
	}
	defer func() {
		if removeErr := os.RemoveAll(scratch); err == nil {
			err = removeErr
		}
	}()
	if strings.ContainsAny(scratch, " \t\n$#'\"\\:") {
		return "", errcode.TreePath.Errorf("%q: kbuild cannot use a temporary directory with this name; set TMPDIR to a plain path", scratch)
	}
	args := append(DryRunArguments(t.Objects, scratch), arguments...)
	args = append(args, dir+"/")
	command := exec.CommandContext(ctx, make, args...)
	command.Env = environment()
	guard, err := newGuard(t.Objects)
	if err != nil {
		return "", err
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	runErr := command.Run()
	if err := guard.check(); err != nil {
		return "", err
	}
	if ctx.Err() != nil {
		return "", errcode.Interrupted.Errorf("%s: interrupted", make)
	}
	if runErr != nil {
		if err := t.missingSource(stderr.String()); err != nil {
			return "", err
		}
		said := strings.TrimSpace(stderr.String())
		if said != "" {
			said = "\n" + said
		}
		return "", errcode.DryRunFailed.Errorf("%s: %w%s", shell.Quote(append([]string{make}, args...)), runErr, said)
	}
	return stdout.String(), nil
}

// DryRunArguments returns the arguments of make for a dry run in an object tree. scratch is a directory for temporary files.
// Other arguments, and the directory, come after them.
func DryRunArguments(objects, scratch string) []string {
	return []string{
		"-n", "V=1", "--no-print-directory", "-C", objects,
		// Makes the paths of the source tree absolute, with and without O=.
		"KBUILD_ABS_SRCTREE=1",
		// kbuild's if_changed (scripts/Kbuild.include) checks whether a prerequisite or the command has changed. With these values it prints
		// all commands, also for objects that are built. -B would do that, too, but would also remake the makefiles that make includes.
		"newer-prereqs=yes", "cmd-check=yes",
		// The top Makefile remakes include/config/auto.conf with syncconfig, which builds programs in scripts/ first, if the compiler, the
		// path of the source tree or another variable is not as before. Without may-sync-config it only uses the file; need-compiler is
		// made from that since Linux 6.10 or so, and cc-option and the like need it.
		"may-sync-config=", "need-compiler=1",
		// scripts/Makefile.build makes the directories obj-dirs of an object tree when make reads it.
		"obj-dirs=",
		// try-run (scripts/Makefile.compiler) makes a directory in the object tree for each compiler option that it tries. If it cannot, as
		// in a read-only tree, the options are silently missing. make makes $$ of $$$$, and the shell its process id.
		"TMPOUT=" + filepath.Join(scratch, "$$$$"),
		"ARCH=arm64",
	}
}

// VersionText returns the first line of a compiler's --version as kbuild keeps it. words are the start of a command.
func VersionText(ctx context.Context, compiler string) (string, error) {
	command := exec.CommandContext(ctx, compiler, "--version")
	command.Env = environment()
	out, err := command.Output()
	if err != nil {
		return "", errcode.CompilerNotFound.Errorf("%s --version: %w; give hypgen the compiler that the tree was prepared with (CROSS_COMPILE=…, CC=…, LLVM=…, PATH)", compiler, err)
	}
	first, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(strings.ReplaceAll(first, "#", "")), nil
}
