// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"

	"github.com/rules-hyp/rules_hyp/internal/debian"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/image"
	"github.com/rules-hyp/rules_hyp/internal/textline"
	"github.com/rules-hyp/rules_hyp/internal/vmlinuz"
)

// shownLines is how many differences are listed.
const shownLines = 40

// runImage compares the hypervisor of a kernel with an object.
func runImage(c *context) error {
	systemMap := c.flags.String("system-map", "", "`FILE`: the System.map of the kernel, which also has the symbols of data")
	asJSON := c.flags.Bool("json", false, "print the report as JSON (docs/audit.md has its fields)")
	prefix := c.flags.String("symbol-prefix", "", "`PREFIX`: the prefix of the object's symbols; by default that of its mapping symbols")
	lines := c.flags.Int("lines", shownLines, "how many differences are listed at most; -1: all")
	var deb debianOptions
	c.flags.StringVar(&deb.name, "debian", "", "`PACKAGE[=VERSION]` of a kernel of Debian, which is downloaded and whose object is built, instead of two files")
	c.flags.StringVar(&deb.suite, "suite", debian.Sources, "the `SUITE` with the package, from the machine's mirrors; by default those of the machine's apt")
	c.flags.StringVar(&deb.root, "rules-hyp", "", "the `DIRECTORY` of rules_hyp, with --debian; by default the working directory")
	c.flags.StringVar(&deb.bazel, "bazel", "", "the `PROGRAM` that runs Bazel, with --debian; by default bazelw of rules_hyp")
	c.flags.StringVar(&deb.object, "object", "", "a `FILE` to keep the object in that was built, with --debian")
	c.flags.StringVar(&deb.image, "package", "", "a `FILE` to keep the kernel's package in, with --debian")
	paths, err := c.parse()
	if err != nil {
		return err
	}
	switch {
	case deb.name == "" && len(paths) != 2:
		return usagef(errcode.Operands, "%d files, want an object and a kernel", len(paths))
	case deb.name != "" && len(paths) != 0:
		return usagef(errcode.Operands, "%d files besides --debian, want none: the kernel is downloaded and the object is built", len(paths))
	case deb.name == "" && (deb.suite != debian.Sources || deb.root+deb.bazel+deb.object+deb.image != ""):
		return usagef(errcode.OptionsDisagree, "--suite, --rules-hyp, --bazel, --object and --package are of --debian")
	case deb.name != "":
		f, err := fetchDebian(deb, textline.NewWriter(c.stderr))
		if err != nil {
			return err
		}
		defer f.remove()
		paths = []string{f.object, f.image}
	}
	object, mapped, err := elfobj.ReadFile(paths[0])
	if err != nil {
		return err
	}
	objectDigest := sha256.Sum256(mapped.Data)
	file, err := fileio.Map(paths[1])
	if err != nil {
		return err
	}
	kernel, err := vmlinuz.Open(paths[1], file.Data)
	if err != nil {
		return err
	}
	opts, err := imageOptions(paths[1], *systemMap)
	if err != nil {
		return err
	}
	opts.Prefix = *prefix
	r, err := image.Run(object, kernel, opts)
	if err != nil {
		return err
	}
	r.ObjectSHA256, r.KernelSHA256 = fmt.Sprintf("%x", objectDigest), fmt.Sprintf("%x", sha256.Sum256(file.Data))
	if *asJSON {
		err = r.WriteJSON(c.json)
	} else {
		r.WriteText(c.stdout, filepath.Base(paths[0]), filepath.Base(paths[1]), kernel.From, *lines)
	}
	if err == nil && !r.Proven {
		err = errDiffers
	}
	return err
}

// imageOptions returns the options for a kernel, with the symbols of a System.map if there
// is one.
func imageOptions(kernel, systemMap string) (image.Options, error) {
	opts := image.Options{SymbolsName: kernel}
	if systemMap == "" {
		return opts, nil
	}
	opts.SymbolsName = systemMap
	m, err := fileio.Map(systemMap)
	if err != nil {
		return opts, err
	}
	opts.SystemMap, err = vmlinuz.ParseSystemMap(systemMap, m.Data)
	return opts, err
}
