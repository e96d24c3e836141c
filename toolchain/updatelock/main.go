// SPDX-License-Identifier: Apache-2.0

// Command updatelock updates locks of Debian packages from the metadata of the machine's apt.
//
// For each package in a lock, updatelock gets the version, the path in the archive's pool, the SHA-256 and the size from apt-cache. For a lock that
// names a Debian suite, that is the suite's metadata, from the machine's mirrors; otherwise the machine's own. No mirror is recorded. A package that
// apt does not know is an error, and the lock is not changed. Security updates are skipped: they leave the archive with the next point release.
//
//	bazel run //toolchain:update_lock                                 updates all locks to the newest versions of the main archive
//	bazel run //toolchain:update_lock -- --check                      only reports whether they differ
//	bazel run //toolchain:update_lock -- --add NAME[:ARCH][=VERSION] FILE
//	                                                                  adds a package to a lock, which may be new
//	bazel run //toolchain:update_lock -- --remove NAME FILE           removes a package from a lock
//	bazel run //toolchain:update_lock -- --suite SUITE --add … FILE   makes a lock of packages of a suite
//
// Exit codes: 0 done, 1 apt lacks a package or a lock differs, 2 the command line is wrong.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/debian"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// names is a flag that can be repeated.
type names []string

func (n *names) String() string     { return strings.Join(*n, " ") }
func (n *names) Set(s string) error { *n = append(*n, s); return nil }

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	flags := flag.NewFlagSet("updatelock", flag.ContinueOnError)
	var add, remove, locks names
	check := flags.Bool("check", false, "write nothing; exit 1 if a lock differs from apt's metadata")
	suite := flags.String("suite", "", "Debian `SUITE` of a new lock (default: that of the machine's apt)")
	flags.Var(&add, "add", "`NAME[:ARCH][=VERSION]` of a package to add")
	flags.Var(&remove, "remove", "`NAME` of a package to remove")
	flags.Var(&locks, "default", "lock `FILE` to update if none is given; can be repeated")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		locks = flags.Args()
	}
	if len(locks) == 0 || (len(add)+len(remove) > 0 && len(locks) != 1) {
		fmt.Fprintln(os.Stderr, errcode.Text(errcode.Operands.Errorf("updatelock: want the locks to update, and exactly one with --add or --remove; see --help")))
		return 2
	}
	dir, err := os.MkdirTemp("", "updatelock-")
	if err != nil {
		fmt.Fprintf(os.Stderr, "updatelock: %s\n", errcode.Text(err))
		return 1
	}
	defer os.RemoveAll(dir)
	archives := &debian.Archives{Dir: dir}
	status := 0
	for _, name := range locks {
		changed, err := update(inWorkspace(name), *suite, add, remove, !*check, archives.Show)
		if err != nil {
			fmt.Fprintf(os.Stderr, "updatelock: %s: %s\n", name, errcode.Text(err))
			status = 1
			continue
		}
		for _, line := range changed {
			fmt.Printf("%s: %s\n", name, line)
		}
		if *check && len(changed) > 0 {
			status = 1
		}
	}
	return status
}

// inWorkspace returns the path of a source file: `bazel run` changes the working directory, and sets the variable to the workspace's root.
func inWorkspace(name string) string {
	if root := os.Getenv("BUILD_WORKSPACE_DIRECTORY"); root != "" && !filepath.IsAbs(name) {
		return filepath.Join(root, name)
	}
	return name
}
