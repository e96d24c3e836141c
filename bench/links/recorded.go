// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
)

// link is a partial link that kbuild recorded.
type link struct {
	linker []string // the program, with hyplink's command
	args   []string // without -o and the output
	output string
}

// Kinds of links, by what they make.
const (
	objects    = "objects of several sources"
	modules    = "modules"
	vmlinux    = "vmlinux.o"
	hypervisor = "the hypervisor"
)

var kinds = []string{objects, modules, vmlinux, hypervisor}

func (l link) kind() string {
	switch {
	case path.Ext(l.output) == ".ko":
		return modules
	case l.output == "vmlinux.o":
		return vmlinux
	case path.Base(path.Dir(l.output)) == "nvhe":
		return hypervisor
	}
	return objects
}

// recorded returns the partial links of a tree, sorted by their outputs.
func recorded(dir string) (links []link, err error) {
	err = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(name) != ".cmd" {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(string(text), "\n")
		l, err := parseCommand(first)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if l != nil {
			links = append(links, *l)
		}
		return nil
	})
	if err == nil && len(links) == 0 {
		err = fmt.Errorf("%s: kbuild recorded no partial link; build the kernel and its modules there", dir)
	}
	slices.SortFunc(links, func(a, b link) int { return cmp.Compare(a.output, b.output) })
	return links, err
}

// parseCommand returns the partial link of a line of a .cmd file (scripts/basic/fixdep.c), or nil. One after a compilation, which converts the object in
// place, cannot be made again.
func parseCommand(line string) (*link, error) {
	name, command, ok := strings.Cut(line, " := ")
	if !ok || !strings.HasPrefix(name, "cmd_") && !strings.HasPrefix(name, "savedcmd_") {
		return nil, nil
	}
	if !strings.Contains(command, "ld ") || !strings.Contains(command, " -r ") {
		return nil, nil
	}
	commands, err := shell.Parse(strings.NewReplacer("$$", "$", "$(pound)", "#").Replace(command))
	if err != nil || len(commands) == 0 {
		return nil, nil // no link: those are plain
	}
	words := commands[0].Words
	linker := 1
	if path.Base(words[0]) == "hyplink" && len(words) > 1 && words[1] == "ld" {
		linker = 2
	} else if base := path.Base(words[0]); base != "ld" && !strings.HasSuffix(base, "-ld") && base != "ld.lld" && base != "ld.bfd" {
		return nil, nil
	}
	l := &link{linker: words[:linker]}
	for i := linker; i < len(words); i++ {
		if words[i] != "-o" {
			l.args = append(l.args, words[i])
			continue
		}
		if i++; i == len(words) {
			return nil, errors.New("-o without a file")
		}
		l.output = words[i]
	}
	if !slices.Contains(l.args, "-r") {
		return nil, nil
	}
	if l.output == "" {
		return nil, errors.New("a partial link without -o")
	}
	return l, nil
}
