// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// buildModules is the command modules.
func buildModules(args []string) error {
	flags := flag.NewFlagSet("modules", flag.ContinueOnError)
	packages := flags.String("packages", "", "a `FILE` at the top of the unpacked packages")
	tree := flags.String("tree", "", "what the command tree wrote with -modules, a `FILE`")
	hyplink := flags.String("hyplink", "", "hyplink, a static `FILE`: the linker of all partial links")
	image := flags.String("image", "", "the Image, a `FILE` to write")
	vmlinux := flags.String("vmlinux", "", "the kernel as ELF with debug information, a `FILE` to write")
	out := flags.String("out", "", "`DIRECTORY` to write the modules to")
	jobs := flags.Int("jobs", runtime.NumCPU(), "`NUMBER` of links at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := required(flags, "packages", "tree", "hyplink", "image", "vmlinux", "out"); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errcode.Operands.Errorf("modules: no paths; name the modules, such as fs/minix/minix.ko")
	}
	root, err := newRoot(*packages, *image)
	if err != nil {
		return err
	}
	defer root.remove()
	if err := extractTar(*tree, root.tree(), nil); err != nil {
		return err
	}
	if err := root.add(*hyplink, "hyplink"); err != nil {
		return err
	}
	if err := os.Chmod(filepath.Join(root.dir, "in", "hyplink"), 0o755); err != nil {
		return err
	}
	if err := root.run(modulesScript, fmt.Sprintf("JOBS=%d", *jobs)); err != nil {
		return fmt.Errorf("link the kernel and its modules with hyplink: %w", err)
	}
	links, err := partialLinks(root.tree())
	if err != nil {
		return err
	}
	fmt.Printf("%d partial links, all by hyplink\n", links)
	for _, module := range flags.Args() {
		if _, err := os.Stat(root.inTree(module)); err != nil {
			return errcode.KbuildFileMissing.Errorf("%s: the build made no such module; name one that the configuration has as =m", module)
		}
		if err := copyFile(root.inTree(module), filepath.Join(*out, filepath.Base(module))); err != nil {
			return err
		}
	}
	if err := copyFile(root.inTree("vmlinux"), *vmlinux); err != nil {
		return err
	}
	return copyFile(root.inTree("arch/arm64/boot/Image"), *image)
}

// linkerName matches GNU ld and lld, with a path, the target or a version.
var linkerName = regexp.MustCompile(`^(.*[-/])?ld(\.lld(-[0-9]+)?|\.bfd)?$`)

// partialLinker returns the program that a line of a .cmd file makes a partial link with, or nothing.
func partialLinker(line string) string {
	words := strings.Fields(line)
	for i, word := range words {
		if !linkerName.MatchString(word) || !slices.Contains(words[i:], "-r") {
			continue
		}
		if word == "ld" && words[i-1] == hyplinkPath {
			return hyplinkPath
		}
		return word
	}
	return ""
}

// hyplinkPath is where modulesScript finds hyplink.
const hyplinkPath = "/in/hyplink"

// partialLinks counts the partial links of a build, by the commands that kbuild keeps. One that is not hyplink's is an error.
func partialLinks(tree string) (n int, err error) {
	err = filepath.WalkDir(tree, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".cmd" {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			switch linker := partialLinker(line); linker {
			case "":
			case hyplinkPath:
				n++
			default:
				return errcode.LinkedByAnother.Errorf("%s: a partial link by %s, not by hyplink: %s", strings.TrimPrefix(name, tree+"/"), linker, strings.TrimSpace(line))
			}
		}
		return nil
	})
	if err == nil && n == 0 {
		err = errcode.LinkedByAnother.Errorf("the build made no partial link; set CONFIG_MODULES=y and some modules (=m)")
	}
	return n, err
}
