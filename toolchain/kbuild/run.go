// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// assignments are the values of a flag NAME=FILE that can be repeated.
type assignments [][2]string

func (a *assignments) String() string { return fmt.Sprint(*a) }

func (a *assignments) Set(text string) error {
	name, file, ok := strings.Cut(text, "=")
	if !ok || name == "" || file == "" || strings.Contains(name, "/") {
		return errcode.OptionValue.Errorf("got %q, want NAME=FILE, with a NAME in /in", text)
	}
	*a = append(*a, [2]string{name, file})
	return nil
}

// runInTree is the command run.
func runInTree(args []string) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	packages := flags.String("packages", "", "a `FILE` at the top of the unpacked packages")
	tree := flags.String("tree", "", "what the command tree wrote, a `FILE`")
	script := flags.String("script", "", "the shell script to run in the tree, a `FILE`; $GCC is the compilers' version")
	var inputs, outputs assignments
	flags.Var(&inputs, "in", "`NAME=FILE`: a file to copy to /in/NAME before; can be repeated")
	flags.Var(&outputs, "out", "`NAME=FILE`: a file to copy from /in/NAME afterwards; can be repeated")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := required(flags, "packages", "tree", "script", "out"); err != nil {
		return err
	}
	text, err := os.ReadFile(*script)
	if err != nil {
		return err
	}
	root, err := newRoot(*packages, outputs[0][1])
	if err != nil {
		return err
	}
	defer root.remove()
	if err := extractTar(*tree, root.tree(), nil); err != nil {
		return err
	}
	for _, in := range inputs {
		if err := root.add(in[1], in[0]); err != nil {
			return err
		}
	}
	if err := root.run(string(text)); err != nil {
		return fmt.Errorf("%s: %w", *script, err)
	}
	for _, out := range outputs {
		if err := copyFile(root.given(out[0]), out[1]); err != nil {
			return err
		}
	}
	return nil
}
