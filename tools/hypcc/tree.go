// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/cmdline"
	"github.com/rules-hyp/rules_hyp/internal/compile"
	"github.com/rules-hyp/rules_hyp/internal/depfile"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/kernel/stamp"
)

// writeFromList runs a command with the arguments OUT LIST.
func writeFromList(args []string, write func(out string, headers []string) error) error {
	if len(args) != 3 {
		return &usageError{errcode.Operands.Errorf("%s: got %d arguments, want OUT LIST", args[0], len(args)-1)}
	}
	list, err := os.ReadFile(args[2])
	if err != nil {
		return err
	}
	return write(args[1], depfile.Lines(list))
}

// writeNames runs header-names.
func writeNames(args []string) error {
	options := []string(nil)
	if len(args) > 4 && args[4] == "--" {
		args, options = args[:4], args[5:]
	}
	if len(args) != 4 {
		return &usageError{errcode.Operands.Errorf("%s: got %d arguments, want OUT LIST LIST [-- OPTION…]", args[0], len(args)-1)}
	}
	var lists [2][]string
	for i := range lists {
		list, err := os.ReadFile(args[2+i])
		if err != nil {
			return err
		}
		lists[i] = depfile.Lines(list)
	}
	return compile.WriteNames(args[1], lists[0], lists[1], options)
}

// treeCheck is the command line of check-tree.
type treeCheck struct {
	manifest, root, label, regenerate, output string
	files                                     []string
}

func parseTreeCheck(args []string) (*treeCheck, error) {
	c := &treeCheck{}
	for _, a := range args {
		name, value, _ := strings.Cut(a, "=")
		option, ok := map[string]*string{
			"--manifest": &c.manifest, "--root": &c.root, "--label": &c.label, "--regenerate": &c.regenerate, "--output": &c.output,
		}[name]
		switch {
		case ok && value == "":
			return nil, fmt.Errorf("check-tree: %s: %w", name, cmdline.EmptyName())
		case ok:
			*option = value
		case strings.HasPrefix(a, "-"):
			return nil, errcode.UnknownOption.Errorf("check-tree: unknown option %q", a)
		default:
			c.files = append(c.files, a)
		}
	}
	if c.manifest == "" || c.root == "" || c.label == "" || c.output == "" {
		return nil, errcode.OptionsDisagree.Errorf("check-tree: --manifest, --root, --label and --output are all needed")
	}
	return c, nil
}

// checkTree compares a kernel tree with the one that a manifest is for.
func checkTree(args []string) error {
	c, err := parseTreeCheck(args)
	if err != nil {
		return &usageError{err}
	}
	text, err := os.ReadFile(c.manifest)
	if err != nil {
		return err
	}
	difference, err := stamp.Check(text, c.root, c.files)
	if err != nil {
		return fmt.Errorf("%s: %w", c.manifest, err)
	}
	if difference != "" {
		advice := "generate the files again"
		if c.regenerate != "" {
			advice += ": " + c.regenerate
		}
		return errcode.TreeDiffers.Errorf("%s: %s %s, so that sources or options of the BUILD file may be wrong; if .config has changed, run `make olddefconfig prepare` "+
			"in the tree; then %s", c.label, c.manifest, difference, advice)
	}
	// Not empty: there are remote execution servers that do not have an empty file.
	return fileio.WriteBytes(c.output, []byte("checked\n"))
}
