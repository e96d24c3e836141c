// SPDX-License-Identifier: Apache-2.0

package prepare

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// Options say how to prepare a tree.
type Options struct {
	// Make is the make program, and Arguments are its variables, NAME=VALUE.
	Make      string
	Arguments []string
	// Config is a .config to use instead of defconfig; Fragments are added to it in order.
	Config    string
	Fragments []string
	// Jobs is make's -j.
	Jobs int
	// Configured is called when the tree is configured, before the longer part of the work. It may be nil.
	Configured func(*tree.Tree) error
	// Progress gets a line about each step.
	Progress func(line string)
}

// Plan is what has to be done to a place.
type Plan struct {
	place   *Place
	options Options
	release string
	inputs  *inputs
	before  *state
	// Reason says why the tree has to be prepared; it is empty if it is.
	Reason string
	// configure: from the start, and not only again.
	configure bool
}

// NewPlan checks the source tree and the request and finds out whether anything has to be done. It writes nothing.
func (p *Place) NewPlan(options Options) (*Plan, error) {
	t := p.Tree()
	if err := t.CheckSource(); err != nil {
		return nil, err
	}
	release, err := t.Release()
	if err != nil {
		return nil, err
	}
	plan := &Plan{place: p, options: options, release: release}
	if !p.Own {
		if options.Config != "" || len(options.Fragments) > 0 {
			return nil, errcode.TreeGiven.Errorf("%s: hypgen did not prepare this tree and does not change its configuration; "+
				"leave -config and -fragment out, or name another directory with -objects", p.Objects)
		}
		return plan, p.checkGiven(release)
	}
	if plan.inputs, err = readInputs(options, release); err != nil {
		return nil, err
	}
	if plan.before, err = readState(p.Objects); err != nil {
		return nil, err
	}
	plan.Reason, plan.configure, err = plan.reason()
	if err != nil || plan.Reason == "" {
		return plan, err
	}
	if err := p.checkWritable(); err != nil {
		return nil, err
	}
	return plan, checkPrograms(options.Make, options.Arguments)
}

// checkGiven checks a tree that somebody else prepared.
func (p *Place) checkGiven(release string) error {
	if err := p.Tree().CheckPrepared(); err != nil {
		if p.InPlace() {
			return fmt.Errorf("%w; or run `make mrproper` in it, which removes .config and all objects: then hypgen prepares the tree in another directory", err)
		}
		return err
	}
	text, err := os.ReadFile(filepath.Join(p.Objects, ".config"))
	if err != nil {
		return err
	}
	if head := parseHead(string(text)); head != nil && !head.fits(release) {
		return errcode.ConfigVersion.Errorf("%s: its .config is for Linux %s, and its source tree is Linux %s; prepare it again: `make ARCH=arm64 … olddefconfig prepare`",
			p.Objects, head.version, release)
	}
	return nil
}

// reason says why the tree has to be prepared, and whether from the start. A tree that is configured keeps its configuration, also if it was edited,
// unless another one is given.
func (p *Plan) reason() (string, bool, error) {
	result, given := resultOf(p.place.Objects), p.inputs.hash()
	before := p.before
	switch {
	case before == nil || result == "":
		return "it is not configured", true, nil
	case given != "" && before.configuration != given:
		return "another configuration is given", true, nil
	case before.sources == incomplete:
		return "it was not finished", false, nil
	case before.arguments != hash(p.options.Arguments...):
		return "other variables of make are given", false, nil
	case before.result != result:
		return "its .config has changed", false, nil
	}
	sources, err := p.sources()
	switch {
	case err != nil:
		return "", false, err
	case before.sources != sources:
		return "its source tree or the compiler has changed", false, nil
	}
	if err := p.place.Tree().CheckPrepared(); err != nil {
		return err.Error(), false, nil
	}
	return "", false, nil
}

// sources returns the hash of what make prepare reads.
func (p *Plan) sources() (string, error) {
	h := sha256.New()
	if err := p.place.preparationDates(h); err != nil {
		return "", err
	}
	stampProgram(h, compilerOf(p.options.Arguments))
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

// checkWritable returns an error if the object tree cannot be made, or belongs to another user.
func (p *Place) checkWritable() error {
	dir := p.Objects
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		dir = filepath.Dir(dir)
	} else if err != nil {
		return err
	} else if owner := info.Sys().(*syscall.Stat_t).Uid; owner != uint32(os.Geteuid()) {
		return errcode.NotWritable.Errorf("%s: belongs to the user with the ID %d, and has to be prepared; hypgen writes to object trees of its own user only: "+
			"name another directory with -objects", dir, owner)
	}
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return errcode.NotWritable.Errorf("%s: cannot be written to (%w), and the kernel tree has to be prepared; name a directory for its objects with -objects", dir, err)
	}
	return nil
}

// Run prepares the tree. If it fails, an object tree that it made is removed again.
func (p *Plan) Run(ctx context.Context) (err error) {
	objects := p.place.Objects
	entries, readErr := os.ReadDir(objects)
	if len(entries) == 0 {
		made := errors.Is(readErr, fs.ErrNotExist)
		defer func() {
			if err != nil {
				err = errors.Join(err, removeObjects(objects, made))
			}
		}()
	}
	if err := os.MkdirAll(objects, 0o777); err != nil {
		return err
	}
	// Until the configuration is there, it counts as none that was given.
	next := &state{source: p.place.Source, arguments: hash(p.options.Arguments...), sources: incomplete}
	if !p.configure {
		next.configuration = p.before.configuration
	}
	if err := next.write(objects); err != nil {
		return err
	}
	if err := p.makeConfiguration(ctx); err != nil {
		return err
	}
	if err := p.checkConfiguration(); err != nil {
		return err
	}
	if err := p.run(ctx, "prepare"); err != nil {
		return err
	}
	if err := p.place.Tree().CheckPrepared(); err != nil {
		return err
	}
	if next.sources, err = p.sources(); err != nil {
		return err
	}
	if p.configure {
		next.configuration = p.inputs.hash()
	}
	next.result = resultOf(objects)
	return next.write(objects)
}

// removeObjects removes an object tree; the directory itself only if it was made here.
func removeObjects(objects string, made bool) error {
	if made {
		return os.RemoveAll(objects)
	}
	entries, err := os.ReadDir(objects)
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(objects, entry.Name())))
	}
	return err
}

// makeConfiguration writes .config.
func (p *Plan) makeConfiguration(ctx context.Context) error {
	name := filepath.Join(p.place.Objects, ".config")
	if p.configure {
		if p.inputs.config != nil {
			if err := os.WriteFile(name, p.inputs.config, 0o666); err != nil {
				return err
			}
		} else if err := p.run(ctx, "defconfig"); err != nil {
			return err
		}
		if err := p.appendFragments(name); err != nil {
			return err
		}
		if p.inputs.config == nil && len(p.inputs.fragments) == 0 {
			return nil
		}
	}
	return p.run(ctx, "olddefconfig")
}

// appendFragments adds the fragments to a .config. Kconfig uses the last value of an option.
func (p *Plan) appendFragments(name string) error {
	if len(p.inputs.fragments) == 0 {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	for _, fragment := range p.inputs.fragments {
		text = slices.Concat(text, []byte("\n"), fragment.text)
	}
	return os.WriteFile(name, text, 0o666)
}

// checkConfiguration checks what came of the configuration before the rest is made.
func (p *Plan) checkConfiguration() error {
	t := p.place.Tree()
	config, err := t.Configuration()
	if err != nil {
		return err
	}
	if !config.Is("ARM64") {
		return errcode.NotArm64.Errorf("%s: kbuild made a .config that is not for arm64", p.place.Objects)
	}
	if p.configure {
		if err := p.inputs.checkFragments(config); err != nil {
			return err
		}
	}
	if p.options.Configured == nil {
		return nil
	}
	return p.options.Configured(t)
}

// run runs make for a target.
func (p *Plan) run(ctx context.Context, target string) error {
	arguments := []string{
		"--no-print-directory", "-j" + strconv.Itoa(max(1, p.options.Jobs)), "-C", p.place.Source, "O=" + p.place.Objects, "ARCH=arm64",
	}
	arguments = append(append(arguments, p.options.Arguments...), target)
	p.options.Progress(fmt.Sprintf("%s: make %s", p.place.Objects, strings.Join(append([]string{"ARCH=arm64"}, append(p.options.Arguments, target)...), " ")))
	return runMake(ctx, p.options.Make, arguments, p.options.Progress)
}
