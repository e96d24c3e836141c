// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/cmdline"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
	"github.com/rules-hyp/rules_hyp/internal/kernel/workspace"
	"github.com/rules-hyp/rules_hyp/internal/version"
)

// initCommand is the first word of the command line of `hypgen init`.
const initCommand = "init"

// initConfig is what the command line of `hypgen init` asks for. Paths are absolute, or empty.
type initConfig struct {
	tree, workspace, objects         string
	config                           string
	fragments                        []string
	pkg, repository, name            string
	platform, compiler               string
	rulesHyp                         string
	archive, sha256, integrity, top  string
	registry, rulesVersion           string
	otherRegistries                  []string
	make                             string
	jobs                             int
	check, build                     bool
	makeArguments                    []string
	givenSource                      bool
	currentDirectory, cacheDirectory string
	// compilerProgram is that of kbuild's commands.
	compilerProgram string
}

const initUsage = `usage: hypgen init [options] [TREE] [MAKE-VARIABLE…]

Writes a Bazel workspace that builds the nVHE hypervisor of a kernel tree, and prepares the tree if it is not.
TREE is a kernel's source tree, or an object tree of O=; default: the current directory. A source tree is never written to.
MAKE-VARIABLEs are those of kbuild, such as CROSS_COMPILE=aarch64-linux-gnu- or LLVM=1.

`

// initExamples are command lines for the end of the help.
var initExamples = []string{
	"hypgen init CROSS_COMPILE=aarch64-linux-gnu-",
	"hypgen init -build -workspace ~/hypervisor -fragment debug.config ~/linux LLVM=-19",
	"hypgen init -check -workspace ~/hypervisor ~/linux CROSS_COMPILE=aarch64-linux-gnu-",
}

// packageName is a package of Bazel that needs no quotes anywhere.
var packageName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*$`)

// sourceURL is a URL that can be written into .bazelrc as it is.
var sourceURL = regexp.MustCompile(`^[a-z]+://[!$-&(-\[\]-~]+$`)

var targetName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

func parseInit(arguments []string, stderr io.Writer) (*initConfig, error) {
	c := &initConfig{}
	flags := flag.NewFlagSet("hypgen init", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, initUsage, cmdline.Defaults(flags, cmdline.One), cmdline.Examples(initExamples))
	}
	flags.StringVar(&c.workspace, "workspace", "", "the `directory` of the Bazel workspace; default: the current directory, or TREE-hyp beside the source tree if that is in it")
	flags.StringVar(&c.objects, "objects", "", "the `directory` to prepare a source tree in, with O=; default: TREE-objects beside the source tree")
	flags.StringVar(&c.config, "config", "", "the .config to prepare the tree with, a `file`; default: defconfig")
	flags.Func("fragment", "a `file` with options to add to the configuration; more than once for several", func(name string) error {
		c.fragments = append(c.fragments, name)
		return nil
	})
	flags.StringVar(&c.pkg, "package", "hyp", "the `package` of the workspace to write: a directory")
	flags.StringVar(&c.repository, "repository", workspace.DefaultRepository, "the `name` of the kernel's repository")
	flags.StringVar(&c.name, "name", "hyp_o", "the `name` of the hyp_object")
	flags.StringVar(&c.platform, "platform", "", "the `label` of the platform of the hyp_object; default: one of rules_hyp's with the tree's compiler")
	flags.StringVar(&c.compiler, "compiler", "", "the compiler of the C toolchain that builds the object, as `gcc-VERSION` or clang-VERSION, or any to check nothing; "+
		"default: that of -platform")
	flags.StringVar(&c.rulesHyp, "rules_hyp", "", "rules_hyp is in this `directory`; default: where this program was built")
	flags.StringVar(&c.archive, "archive", "", "rules_hyp is this archive, a `URL`; needs -sha256 or -integrity")
	flags.StringVar(&c.sha256, "sha256", "", "with -archive, its SHA-256 in `hexadecimal`")
	flags.StringVar(&c.integrity, "integrity", "", "with -archive, its `hash` as Bazel writes it: sha256-…")
	flags.StringVar(&c.top, "strip-prefix", "", "with -archive, the `directory` in it that has rules_hyp")
	flags.Func("registry", "rules_hyp is in this registry of Bazel modules, a `URL`; more than once for others to use instead of the Bazel Central Registry", func(url string) error {
		if c.registry == "" {
			c.registry = url
		} else {
			c.otherRegistries = append(c.otherRegistries, url)
		}
		return nil
	})
	flags.StringVar(&c.rulesVersion, "rules-version", version.Number, "the `version` of rules_hyp in MODULE.bazel")
	flags.StringVar(&c.make, "make", "make", "the make `program`")
	flags.IntVar(&c.jobs, "j", 0, "the `number` of jobs of make; 0: one for each processor")
	flags.BoolVar(&c.check, "check", false, "write nothing; fail if a file would change")
	flags.BoolVar(&c.build, "build", false, "build the object with Bazel")
	operands, err := cmdline.Parse(flags, arguments)
	if err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, &usageError{err}
	}
	if c.jobs == 0 {
		c.jobs = runtime.NumCPU() // not as the flag's default: the help would not be the same everywhere
	}
	if err := c.setOperands(operands); err != nil {
		return nil, err
	}
	return c, c.complete()
}

// setOperands sets the tree and make's variables.
func (c *initConfig) setOperands(operands []string) error {
	for _, operand := range operands {
		name, _, isVariable := strings.Cut(operand, "=")
		switch {
		case isVariable && !strings.Contains(name, "/"):
			if name == "O" || name == "ARCH" || name == "KBUILD_OUTPUT" {
				return usagef(errcode.Operands, "got %s; hypgen sets %s itself: the object tree is -objects, and the architecture is arm64", operand, name)
			}
			c.makeArguments = append(c.makeArguments, operand)
		case c.tree != "":
			return usagef(errcode.Operands, "got two trees, %s and %s, want one; make's variables are NAME=VALUE", c.tree, operand)
		default:
			c.tree = operand
		}
	}
	return nil
}

// complete checks the command line and makes its paths absolute.
func (c *initConfig) complete() error {
	switch {
	case !packageName.MatchString(c.pkg):
		return usagef(errcode.OptionValue, "-package: got %q, want a directory of the workspace such as hyp, of letters, digits and _.+-", c.pkg)
	case !targetName.MatchString(c.repository):
		return usagef(errcode.OptionValue, "-repository: got %q, want a name of letters, digits and _.-", c.repository)
	case !targetName.MatchString(c.name):
		return usagef(errcode.OptionValue, "-name: got %q, want a name of letters, digits and _.-", c.name)
	case c.check && c.build:
		return usagef(errcode.OptionsDisagree, "got -check and -build, want one of them")
	}
	if c.compiler != "" && c.compiler != anyCompiler {
		if _, err := tree.ParseCompiler(c.compiler); err != nil {
			return usagef(errcode.OptionValue, "-compiler: %v; or any", err)
		}
	}
	if err := c.setSource(); err != nil {
		return err
	}
	// bazel run changes the working directory.
	c.currentDirectory = os.Getenv("BUILD_WORKING_DIRECTORY")
	if c.currentDirectory == "" {
		var err error
		if c.currentDirectory, err = os.Getwd(); err != nil {
			return err
		}
	}
	if c.tree == "" {
		c.tree = "."
	}
	if cache, err := os.UserCacheDir(); err == nil {
		c.cacheDirectory = filepath.Join(cache, "rules_hyp", "hypgen")
	}
	for _, name := range []*string{&c.tree, &c.workspace, &c.objects, &c.config, &c.rulesHyp} {
		*name = c.absolute(*name)
	}
	for i, name := range c.fragments {
		c.fragments[i] = c.absolute(name)
	}
	return nil
}

func (c *initConfig) absolute(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.currentDirectory, name)
}

// setSource checks where rules_hyp is to come from.
func (c *initConfig) setSource() error {
	given := 0
	for _, value := range []string{c.rulesHyp, c.archive, c.registry} {
		if value != "" {
			given++
		}
	}
	switch {
	case given > 1:
		return usagef(errcode.OptionsDisagree, "got more than one of -rules_hyp, -archive and -registry, want one")
	case c.archive == "" && (c.sha256 != "" || c.integrity != "" || c.top != ""):
		return usagef(errcode.OptionsDisagree, "-sha256, -integrity and -strip-prefix are of -archive")
	case c.archive != "" && (c.sha256 == "") == (c.integrity == ""):
		return usagef(errcode.OptionsDisagree, "-archive needs its hash: -sha256 or -integrity")
	}
	for _, url := range append([]string{c.archive, c.registry}, c.otherRegistries...) {
		if url != "" && !sourceURL.MatchString(url) {
			return usagef(errcode.OptionValue, "got %q as a source of rules_hyp, want a URL such as https://example.com/rules_hyp.tar.gz, without blanks", url)
		}
	}
	if c.sha256 != "" {
		integrity, err := workspace.Integrity(c.sha256)
		if err != nil {
			return usagef(errcode.OptionValue, "-sha256: %v", err)
		}
		c.integrity = integrity
	}
	c.givenSource = given > 0
	return nil
}
