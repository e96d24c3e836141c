// SPDX-License-Identifier: Apache-2.0

// Kbuildparity compares the objects of a kernel's hyp_library and hyp_object with
// those that kbuild made of the same sources.
//
//	kbuildparity [-linked FILE] [-dir DIR] [-without-debug] OBJECT|DIRECTORY… TREE
//
// TREE is an object tree in which `make arch/arm64/kvm/hyp/nvhe/` has run, with
// the source, the configuration and the compiler of the kernel. Objects of a
// library must be kbuild's byte by byte. Of the linked object, the order of
// sections and symbols may differ, as of those of another directory (-dir), which
// objcopy may have written. docs/kernel.md says how to run kbuild so that
// debug information is the same.
//
// Exit codes: 0 all are equal, 1 one differs, is missing or is damaged, 2 the
// command line is wrong.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/compare"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// dirs are the directories with kbuild's objects of nVHE.
var dirs = []string{"arch/arm64/kvm/hyp/nvhe", "arch/arm64/kvm/hyp", "arch/arm64/lib", "lib"}

// linkedName is kbuild's last object.
const linkedName = "arch/arm64/kvm/hyp/nvhe/kvm_nvhe.o"

// shownLines is how many lines of a function's difference are shown.
const shownLines = 10

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// parity is one run.
type parity struct {
	tree         string
	dir          string // of kbuild's objects, instead of dirs
	withoutDebug bool
	out          io.Writer
	counts       map[string]int
	debugDiffers bool
}

// The results of a comparison.
const (
	identical  = "identical byte for byte"
	equal      = "equal apart from the order of sections and symbols, and from what has no meaning"
	equalCode  = "equal without debug information"
	different  = "different"
	noneToTell = "not compared"
)

func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("kbuildparity", flag.ContinueOnError)
	flags.SetOutput(errs)
	linked := flags.String("linked", "", "the hyp_object's `file`, to be compared with "+linkedName)
	dir := flags.String("dir", "", "the `directory` in TREE with kbuild's objects, if they are not of nVHE: arch/arm64/kernel/pi")
	withoutDebug := flags.Bool("without-debug", false, "leave debug information out")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() == 0 || flags.NArg() == 1 && *linked == "" {
		fmt.Fprintln(errs, errcode.Text(errcode.Operands.Errorf("kbuildparity: no TREE or no objects; run it as bazel run //tools/hypgen/kbuildparity -- TREE")))
		return 2
	}
	last := flags.NArg() - 1
	p := &parity{tree: absolute(flags.Arg(last)), dir: *dir, withoutDebug: *withoutDebug, out: out, counts: map[string]int{}}
	objects, err := expand(flags.Args()[:last])
	if err != nil {
		fmt.Fprintln(errs, "kbuildparity:", errcode.Text(err))
		return 1
	}
	total := len(objects)
	if *linked != "" {
		total++
		p.add(*linked, func() (string, error) { return p.linked(*linked) }, errs)
	}
	for _, object := range objects {
		p.add(object, func() (string, error) { return p.object(object) }, errs)
	}
	for _, result := range []string{identical, equal, equalCode, different, noneToTell} {
		if n := p.counts[result]; n > 0 {
			fmt.Fprintf(out, "%d of %d objects: %s\n", n, total, result)
		}
	}
	if p.debugDiffers {
		fmt.Fprintln(out, "Debug information has the directories and options of kbuild's compiler; docs/kernel.md says how to give it the same. -without-debug leaves it out.")
	}
	if p.counts[different]+p.counts[noneToTell] > 0 || p.debugDiffers {
		return 1
	}
	return 0
}

// add compares one object and counts the result.
func (p *parity) add(name string, compare func() (string, error), errs io.Writer) {
	result, err := compare()
	if err != nil {
		fmt.Fprintln(errs, "kbuildparity:", errcode.Text(err))
		result = noneToTell
	}
	p.debugDiffers = p.debugDiffers || result == equalCode && !p.withoutDebug
	p.counts[result]++
}

// absolute returns a path relative to the directory that the user called Bazel in.
func absolute(name string) string {
	if dir := os.Getenv("BUILD_WORKING_DIRECTORY"); dir != "" && !filepath.IsAbs(name) {
		return filepath.Join(dir, name)
	}
	return name
}

// here returns a path that is relative to the working directory, as Bazel gives
// those of its outputs, or else to the user's.
func here(name string) string {
	if _, err := os.Stat(name); err == nil {
		return name
	}
	return absolute(name)
}

// orders are what may differ in an object that a linker or objcopy wrote.
var orders = []string{"section-order", "symbol-order", "relocation-form"}

// linked compares the linked object.
func (p *parity) linked(object string) (string, error) {
	return p.compare(here(object), filepath.Join(p.tree, linkedName), orders)
}

// expand replaces directories by the objects in them, sorted.
func expand(names []string) ([]string, error) {
	var objects []string
	for _, name := range names {
		name = here(name)
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			objects = append(objects, name)
			continue
		}
		found, err := filepath.Glob(filepath.Join(name, "*.o"))
		if err != nil || len(found) == 0 {
			return nil, errcode.NothingToCompare.Errorf("%s: no objects (*.o); give the directory of a hyp_library below bazel-bin", name)
		}
		slices.Sort(found)
		objects = append(objects, found...)
	}
	return objects, nil
}

// object compares an object with kbuild's of the same source.
func (p *parity) object(object string) (string, error) {
	base := filepath.Base(object)
	if p.dir != "" {
		theirs := filepath.Join(p.tree, p.dir, base)
		if _, err := os.Stat(theirs); err != nil {
			return "", errcode.NothingToCompare.Errorf("%s: no %s in %s; run `make %s/` there", object, base, filepath.Join(p.tree, p.dir), strings.TrimSuffix(p.dir, "/"))
		}
		return p.compare(object, theirs, orders)
	}
	for _, name := range []string{base, strings.TrimSuffix(base, ".hyp.o") + ".nvhe.o"} {
		for _, dir := range dirs {
			theirs := filepath.Join(p.tree, dir, name)
			if _, err := os.Stat(theirs); err == nil {
				return p.compare(object, theirs, nil)
			}
		}
	}
	return "", errcode.NothingToCompare.Errorf("%s: no %s in %s; run `make arch/arm64/kvm/hyp/nvhe/` there", object, base, p.tree)
}

// compare compares two objects, and prints how they differ. Categories of
// differences that are allowed are those of the linked object.
func (p *parity) compare(ours, theirs string, allowed []string) (string, error) {
	a, err := os.ReadFile(theirs)
	if err != nil {
		return "", err
	}
	b, err := os.ReadFile(ours)
	if err != nil {
		return "", err
	}
	if bytes.Equal(a, b) {
		return identical, nil
	}
	with := func(more ...string) (*compare.Report, error) {
		x, err := elfobj.Parse(theirs, bytes.Clone(a))
		if err != nil {
			return nil, err
		}
		y, err := elfobj.Parse(ours, bytes.Clone(b))
		if err != nil {
			return nil, err
		}
		// An object of a library may differ in nothing but debug information.
		return compare.Run(x, y, compare.Options{Strict: allowed == nil, Ignore: slices.Concat(allowed, more)})
	}
	report, err := with()
	if err != nil {
		return "", err
	}
	if report.Equal {
		return equal, nil
	}
	code, err := with("debug")
	if err != nil {
		return "", err
	}
	if code.Equal && p.withoutDebug {
		return equalCode, nil
	}
	result := different
	if code.Equal {
		result = equalCode
	} else if p.withoutDebug {
		report = code
	}
	report.WriteText(textline.NewWriter(p.out), shownLines)
	return result, nil
}
