// SPDX-License-Identifier: Apache-2.0

// Command configuration writes the BUILD file of a configuration of a kernel of rules_hyp, from what kbuild made of it.
//
//	configuration [-platform=LABEL] [-tag=TAG]… -headers=FILE VERSION/NAME REFERENCE.tar
//	configuration -islands=VERSION ISLANDS.tar
//
// It writes kernels/VERSION/NAME/BUILD.bazel in the root directory of rules_hyp. `bazel run //kernels/configurations:update_VERSION_NAME` runs it. With -islands
// it writes those of the packages in kernels/VERSION/islands; `bazel run //kernels/VERSION/islands:update` runs that.
//
// Exit codes: 0 done, 1 the archive is wrong, 2 the command line is wrong.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/kernel/generate"
)

func main() { os.Exit(run(os.Args[1:], os.Stderr)) }

func run(args []string, errs io.Writer) int {
	flags := flag.NewFlagSet("configuration", flag.ContinueOnError)
	flags.SetOutput(errs)
	var c generate.Configuration
	flags.StringVar(&c.Platform, "platform", "", "the `label` of the platform with kbuild's compiler")
	flags.Func("tag", "a `tag` of all targets", func(tag string) error {
		c.Tags = append(c.Tags, tag)
		return nil
	})
	listed := flags.String("headers", "", "the kernel's list of headers, a `FILE`")
	islands := flags.String("islands", "", "the `VERSION` of a kernel whose islands are in the archive")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if *islands != "" && flags.NArg() == 1 {
		for _, dir := range generate.IslandDirs {
			text, err := generate.IslandBuildFile(*islands, dir, flags.Arg(0))
			if err == nil {
				err = write(generate.IslandPackage(*islands, dir), text)
			}
			if err != nil {
				fmt.Fprintln(errs, "configuration:", errcode.Text(err))
				return 1
			}
		}
		return 0
	}
	if flags.NArg() != 2 || *islands != "" {
		fmt.Fprintln(errs, errcode.Text(errcode.Operands.Errorf("configuration: want VERSION/NAME and REFERENCE.tar; run it as bazel run //kernels/configurations:update_VERSION_NAME")))
		return 2
	}
	c.Name = flags.Arg(0)
	var text []byte
	var err error
	if *listed != "" {
		c.Listed, err = os.ReadFile(*listed)
	}
	if err == nil {
		text, err = c.BuildFile(flags.Arg(1))
	}
	if err == nil {
		err = write(c.Package(), text)
	}
	if err != nil {
		fmt.Fprintln(errs, "configuration:", errcode.Text(err))
		return 1
	}
	return 0
}

// write writes the BUILD file of a package.
func write(pkg string, text []byte) error {
	root := os.Getenv("BUILD_WORKSPACE_DIRECTORY")
	if root == "" {
		root = "."
	}
	if _, err := os.Stat(filepath.Join(root, "kernels/configurations.bzl")); err != nil {
		return errcode.RulesUnknown.Errorf("%w; run it in the root directory of rules_hyp", err)
	}
	dir := filepath.Join(root, filepath.FromSlash(pkg))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return fileio.WriteBytes(filepath.Join(dir, "BUILD.bazel"), text)
}
