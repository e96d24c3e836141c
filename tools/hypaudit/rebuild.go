// SPDX-License-Identifier: Apache-2.0

package main

import (
	stdcontext "context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/rules-hyp/rules_hyp/internal/bazelrun"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/rebuild"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// runRebuild builds targets again while it varies what must not matter.
func runRebuild(c *context) error {
	o := rebuildOptions{vary: bazelrun.Names()}
	c.flags.StringVar(&o.bazel, "bazel", "", "`PROGRAM`: Bazel; by default ./bazelw of the workspace if there is one, else bazel")
	c.flags.StringVar(&o.workspace, "workspace", "", "`DIRECTORY`: the workspace; by default the one of the working directory")
	c.flags.StringVar(&o.root, "root", "", "`DIRECTORY`: the directory that is copied for each build; by default the workspace")
	c.flags.StringVar(&o.dir, "dir", "", "`DIRECTORY`: an empty directory for everything that is built, which is removed at the end; by default a new one in /var/tmp")
	c.flags.StringVar(&o.remote, "remote_executor", "", "`URL`: endpoint of a remote executor, for the variation remote")
	c.flags.StringVar(&o.html, "html", "", "`FILE`: write the report as one HTML file as well")
	c.flags.StringVar(&o.accepted, "accepted", "", "`FILE`: a list of documented differences (docs/rebuild.md)")
	c.flags.IntVar(&o.repeat, "repeat", 1, "builds without variations after the first one")
	c.flags.BoolVar(&o.json, "json", false, "print the report as JSON (docs/rebuild.md has its fields)")
	c.flags.BoolVar(&o.quiet, "quiet", false, "do not report progress")
	c.flags.Func("vary", "`KINDS`: what to vary, separated by commas; by default all of: "+strings.Join(bazelrun.Names(), ", "), o.setVary)
	c.flags.Func("skip", "`KINDS`: what not to vary, separated by commas", o.setSkip)
	c.flags.Func("startup_option", "`OPTION`: a startup option of Bazel; may be repeated", appendTo(&o.startup))
	c.flags.Func("option", "`OPTION`: an option of each build; may be repeated", appendTo(&o.flags))
	targets, err := c.parse()
	if err != nil {
		return err
	}
	if len(targets) == 0 {
		return usagef(errcode.Operands, "no target; name one or more, as for bazel build")
	}
	for _, target := range targets {
		if strings.HasPrefix(target, "-") {
			return usagef(errcode.Operands, "%s: is no target", target)
		}
	}
	if o.repeat < 1 {
		return usagef(errcode.OptionValue, "--repeat: got %d, want 1 or more", o.repeat)
	}
	return o.run(c, targets)
}

// rebuildOptions are what the command line says.
type rebuildOptions struct {
	bazel, workspace, root, dir, remote, html, accepted string
	repeat                                              int
	json, quiet                                         bool
	vary, startup, flags                                []string
}

func appendTo(list *[]string) func(string) error {
	return func(value string) error {
		*list = append(*list, value)
		return nil
	}
}

func variationNames(value string) ([]string, error) {
	names := strings.Split(value, ",")
	for _, name := range names {
		if !slices.Contains(bazelrun.Names(), name) {
			return nil, errcode.OptionValue.Errorf("%q: want some of %s", name, strings.Join(bazelrun.Names(), ", "))
		}
	}
	return names, nil
}

func (o *rebuildOptions) setVary(value string) error {
	names, err := variationNames(value)
	o.vary = slices.DeleteFunc(bazelrun.Names(), func(name string) bool { return !slices.Contains(names, name) })
	return err
}

func (o *rebuildOptions) setSkip(value string) error {
	names, err := variationNames(value)
	o.vary = slices.DeleteFunc(o.vary, func(name string) bool { return slices.Contains(names, name) })
	return err
}

func (o *rebuildOptions) run(c *context, targets []string) (err error) {
	options := rebuild.Options{Targets: targets, Vary: o.vary, Repeat: o.repeat}
	if o.accepted != "" {
		data, err := fileio.ReadText(o.accepted, "a list of accepted differences")
		if err != nil {
			return err
		}
		if options.Accepted, err = rebuild.ParseAccepted(o.accepted, data); err != nil {
			return err
		}
	}
	if !o.quiet {
		messages := textline.NewWriter(c.stderr)
		options.Progress = func(line string) { messages.Linef("hypaudit: %s", line) }
	}
	place, err := o.place()
	if err != nil {
		return err
	}
	place.Targets, place.Startup, place.Flags, place.Remote = targets, o.startup, o.flags, o.remote
	builder, err := bazelrun.New(place)
	if err != nil {
		return errors.Join(err, os.Remove(place.Dir))
	}
	defer func() {
		if failed := builder.Close(); err == nil || err == errDiffers {
			if failed != nil {
				err = failed
			}
		}
	}()
	ctx, stop := signal.NotifyContext(stdcontext.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r, err := rebuild.Run(ctx, builder, options)
	if errors.Is(err, stdcontext.Canceled) {
		return errcode.AuditInterrupted.Errorf("interrupted: Bazel's servers are shut down, and what they built is removed")
	}
	if err != nil {
		return err
	}
	if o.html != "" {
		if err := fileio.Write(o.html, func(f *os.File) error { return r.WriteHTML(f) }); err != nil {
			return err
		}
	}
	if o.json {
		err = r.WriteJSON(c.json)
	} else {
		r.WriteText(c.stdout)
	}
	if err == nil && !r.Equal {
		err = errDiffers
	}
	return err
}

// place finds the workspace and Bazel, and makes the directory for what is built.
func (o *rebuildOptions) place() (p bazelrun.Options, err error) {
	if p.Workspace, err = findWorkspace(o.workspace); err != nil {
		return p, err
	}
	p.Root = p.Workspace
	if o.root != "" {
		if p.Root, err = realPath(o.root); err != nil {
			return p, err
		}
		if rel, err := filepath.Rel(p.Root, p.Workspace); err != nil || !filepath.IsLocal(rel) {
			return p, errcode.NoWorkspace.Errorf("--root=%s: the workspace %s is not below it", o.root, p.Workspace)
		}
	}
	p.Program = o.bazel
	if p.Program == "" {
		p.Program = "bazel"
		if st, err := os.Stat(filepath.Join(p.Workspace, "bazelw")); err == nil && st.Mode().IsRegular() && st.Mode()&0o100 != 0 {
			p.Program = "./bazelw"
		}
	}
	if o.dir == "" {
		// Sandboxes have a /tmp of their own.
		parent := "/var/tmp"
		if st, err := os.Stat(parent); err != nil || !st.IsDir() {
			parent = ""
		}
		p.Dir, err = os.MkdirTemp(parent, "hypaudit-")
		return p, err
	}
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return p, err
	}
	entries, err := os.ReadDir(o.dir)
	if err != nil {
		return p, err
	}
	if len(entries) > 0 {
		return p, errcode.AuditDirectory.Errorf("%s: is not empty; name a new directory", o.dir)
	}
	p.Dir, err = filepath.Abs(o.dir)
	return p, err
}

// workspaceFiles mark a workspace's directory.
var workspaceFiles = []string{"MODULE.bazel", "REPO.bazel", "WORKSPACE.bazel", "WORKSPACE"}

// findWorkspace returns the workspace that a directory, by default the working
// directory, is in.
func findWorkspace(given string) (string, error) {
	start, err := realPath(given)
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		for _, name := range workspaceFiles {
			if st, err := os.Stat(filepath.Join(dir, name)); err == nil && st.Mode().IsRegular() {
				return dir, nil
			}
		}
		if dir == filepath.Dir(dir) || given != "" {
			return "", errcode.NoWorkspace.Errorf("%s: is in no Bazel workspace, which has a MODULE.bazel or WORKSPACE; give one with --workspace", start)
		}
	}
}

func realPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}
