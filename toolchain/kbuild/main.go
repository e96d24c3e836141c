// SPDX-License-Identifier: Apache-2.0

// Command kbuild runs the kernel's own build in a root directory of unpacked packages, for tests that boot a kernel.
//
//	kbuild tree -packages=FILE -source=linux-source.tar.xz -config=FRAGMENT [-modules] -out=TREE.tar
//	kbuild image -packages=FILE -tree=TREE.tar -object=hyp.o -image=Image -vmlinux=vmlinux
//	kbuild modules -packages=FILE -tree=TREE.tar -hyplink=FILE -image=Image -vmlinux=vmlinux -out=DIRECTORY PATH…
//	kbuild run -packages=FILE -tree=TREE.tar -script=FILE [-in=NAME=FILE…] -out=NAME=FILE…
//	kbuild reference -packages=FILE -source=linux-source.tar.xz [-base=TARGET] [-fragment=FILE]… -headers=LIST -out=REFERENCE.tar
//	kbuild extract -tree=TREE.tar -out=DIRECTORY PATH…
//
// tree configures a kernel with the settings of a fragment, and everything else off, and builds its Image. TREE.tar is the source and object tree without what
// another `make Image` does not read. image puts an object in place of kbuild's nVHE object and links the Image again. modules links a
// tree that was built with -modules again, Image and modules, with hyplink as the linker of all partial links. run runs a shell
// script in the tree. extract gets single files of TREE.tar. reference builds the nVHE object of a kernel
// only; REFERENCE.tar has the objects, what they were made from, and kbuild's dry run.
//
// FILE is any file at the top of the unpacked packages. Programs run in a user namespace, in which the packages are the root directory and nothing of the
// host can be seen but four devices. What is written depends on the inputs alone.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// commands are what main can do, by name.
var commands = map[string]func(args []string) error{
	"tree":      buildTree,
	"image":     buildImage,
	"modules":   buildModules,
	"run":       runInTree,
	"extract":   extract,
	"reference": buildReference,
	inside:      enter,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: kbuild tree|image|modules|run|reference|extract [-FLAG=VALUE…]")
		os.Exit(2)
	}
	err := commands[os.Args[1]](os.Args[2:])
	var exit *exec.ExitError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.As(err, &exit) && os.Args[1] == inside && exit.ExitCode() >= 0:
		os.Exit(exit.ExitCode())
	default:
		for _, text := range errcode.Lines(err) {
			fmt.Fprintf(os.Stderr, "kbuild: %s\n", text)
		}
		os.Exit(1)
	}
}

// required returns an error that names the first flag without a value.
func required(flags *flag.FlagSet, names ...string) error {
	for _, name := range names {
		if flags.Lookup(name).Value.String() == "" {
			return errcode.OptionsDisagree.Errorf("%s: -%s is missing; see --help", flags.Name(), name)
		}
	}
	return nil
}

// buildTree is the command tree.
func buildTree(args []string) error {
	flags := flag.NewFlagSet("tree", flag.ContinueOnError)
	packages := flags.String("packages", "", "a `FILE` at the top of the unpacked packages")
	source := flags.String("source", "", "the kernel's source, a `FILE` .tar.xz")
	config := flags.String("config", "", "the settings, a `FILE` with lines CONFIG_NAME=VALUE")
	out := flags.String("out", "", "`FILE` to write")
	jobs := flags.Int("jobs", runtime.NumCPU(), "`NUMBER` of compilers at once")
	modules := flags.Bool("modules", false, "build modules, too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := required(flags, "packages", "source", "config", "out"); err != nil {
		return err
	}
	root, err := newRoot(*packages, *out)
	if err != nil {
		return err
	}
	defer root.remove()
	if err := root.add(*source, "source.tar.xz"); err != nil {
		return err
	}
	if err := root.add(*config, "fragment"); err != nil {
		return err
	}
	if err := root.run(unpackScript); err != nil {
		return fmt.Errorf("unpack %s: %w", *source, err)
	}
	before, err := listFiles(root.tree())
	if err != nil {
		return err
	}
	if err := root.run(configureScript); err != nil {
		return fmt.Errorf("configure with %s: %w", *config, err)
	}
	if err := checkConfig(root, *config); err != nil {
		return err
	}
	targets := "Image"
	if *modules {
		targets = "Image modules"
	}
	if err := root.run(buildScript, fmt.Sprintf("JOBS=%d", *jobs), "TARGETS="+targets); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	files, err := neededFiles(root.tree(), before)
	if err != nil {
		return err
	}
	return writeTar(root.tree(), files, *out)
}

// buildImage is the command image.
func buildImage(args []string) error {
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	packages := flags.String("packages", "", "a `FILE` at the top of the unpacked packages")
	tree := flags.String("tree", "", "what the command tree wrote, a `FILE`")
	object := flags.String("object", "", "the nVHE object, a `FILE`; without it, kbuild's own")
	image := flags.String("image", "", "the Image, a `FILE` to write")
	vmlinux := flags.String("vmlinux", "", "the kernel as ELF with debug information, a `FILE` to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := required(flags, "packages", "tree", "image", "vmlinux"); err != nil {
		return err
	}
	root, err := newRoot(*packages, *image)
	if err != nil {
		return err
	}
	defer root.remove()
	if err := extractTar(*tree, root.tree(), nil); err != nil {
		return err
	}
	script, what := linkScript, "kbuild's object"
	if *object != "" {
		script, what = relinkScript, *object
		if err := root.add(*object, "hyp.o"); err != nil {
			return err
		}
	}
	if err := root.run(script); err != nil {
		return fmt.Errorf("link the kernel with %s: %w", what, err)
	}
	if err := copyFile(root.inTree("vmlinux"), *vmlinux); err != nil {
		return err
	}
	return copyFile(root.inTree("arch/arm64/boot/Image"), *image)
}

// extract is the command extract.
func extract(args []string) error {
	flags := flag.NewFlagSet("extract", flag.ContinueOnError)
	tree := flags.String("tree", "", "what the command tree wrote, a `FILE`")
	out := flags.String("out", "", "`DIRECTORY` to write to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := required(flags, "tree", "out"); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errcode.Operands.Errorf("extract: no paths; name the files to extract")
	}
	return extractTar(*tree, *out, flags.Args())
}
