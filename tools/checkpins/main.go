// SPDX-License-Identifier: Apache-2.0

// Command checkpins tells whether what the locks pin can still be had from where builds on this machine would get it, and names what cannot.
//
//	bazel run //tools/checkpins                checks all locks
//	bazel run //tools/checkpins -- FILE…       checks these: *.lock.json, tools/bazelw/*/*.lock, go.sum
//	bazel run //tools/checkpins -- -v          also lists what is only at another path, or only kept as an old version
//
// Packages are looked for on the mirrors of the machine's apt (or RULES_HYP_DEBIAN_MIRROR) and in RULES_HYP_DEBIAN_SNAPSHOT, an archive of old versions, with the
// passwords of apt's auth.conf; Go modules on GOPROXY. Nothing is downloaded but indexes, and nothing is changed. bazelw's packages have to be in one state of the suite.
//
// Exit codes: 0 all can be had, 1 something cannot, or a server did not answer, 2 the command line is wrong.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/cmdline"
	"github.com/rules-hyp/rules_hyp/internal/debian"
)

func main() {
	os.Exit(run(debian.AptDirectory, os.Args[1:], os.Stdout, os.Stderr))
}

// timeout is that of a request; an index of packages has 10 MB.
const timeout = 2 * time.Minute

// run checks what the mirrors of a directory of apt's settings have.
func run(apt string, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("checkpins", flag.ContinueOnError)
	flags.SetOutput(stderr)
	verbose := flags.Bool("v", false, "also list what is only at another path, or only kept as an old version")
	files, err := cmdline.Parse(flags, args)
	if err != nil {
		return 2
	}
	root := os.Getenv("BUILD_WORKSPACE_DIRECTORY")
	if len(files) == 0 {
		if files, err = locks(filepath.Join(root, ".")); err != nil {
			fmt.Fprintf(stderr, "checkpins: %v\n", err)
			return 1
		}
		if len(files) == 0 {
			fmt.Fprintln(stderr, "checkpins: no locks here; run it with bazel run, or name them")
			return 2
		}
	}
	c := &checker{
		finder:  &debian.Finder{Client: &http.Client{Timeout: timeout}, Snapshots: debian.Snapshots(), Auth: debian.ReadAuth(apt)},
		proxies: proxies(),
		indexes: map[string]debian.Index{},
	}
	c.finder.Mirrors, err = debian.Mirrors(apt)
	if err != nil {
		fmt.Fprintf(stderr, "checkpins: %v\n", err)
		return 1
	}
	status := 0
	for _, name := range files {
		file := name
		if !filepath.IsAbs(file) {
			file = filepath.Join(root, name)
		}
		r, err := c.check(context.Background(), file)
		if err != nil {
			fmt.Fprintf(stderr, "checkpins: %s: %v\n", name, err)
			status = 1
			continue
		}
		fmt.Fprintf(stdout, "%s: %s\n", name, r.summary())
		for _, line := range r.bad {
			fmt.Fprintf(stdout, "%s: %s\n", name, line)
			status = 1
		}
		for _, line := range r.notes {
			if *verbose {
				fmt.Fprintf(stdout, "%s: %s\n", name, line)
			}
		}
	}
	return status
}

// locks returns the locks below a directory, relative to it.
func locks(root string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		relative, err := filepath.Rel(root, path)
		// A go.sum further down is that of a module which is not built here.
		if k := kindOf(relative); err == nil && entry.Type().IsRegular() && k != unknown && (k != goSum || relative == "go.sum") {
			files = append(files, relative)
		}
		return err
	})
	return files, err
}

// kind is a format of locks.
type kind int

const (
	unknown kind = iota
	packagePaths
	suitePackages
	suiteRuntime
	bazelwModules
	goSum
)

func kindOf(file string) kind {
	directory, base := filepath.Split(file)
	inBazelw := strings.HasSuffix(filepath.Dir(filepath.Clean(directory)), filepath.FromSlash("tools/bazelw"))
	switch {
	case strings.HasSuffix(base, ".lock.json"):
		return packagePaths
	case inBazelw && base == "packages.lock":
		return suitePackages
	case inBazelw && base == "runtime.lock":
		return suiteRuntime
	case inBazelw && base == "modules.lock":
		return bazelwModules
	case base == "go.sum":
		return goSum
	}
	return unknown
}
