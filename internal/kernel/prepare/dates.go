// SPDX-License-Identifier: Apache-2.0

package prepare

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// preparation are the files and directories of a source tree that the targets of make prepare read, besides Kconfig's.
var preparation = []string{
	"Kbuild",
	"Makefile",
	"arch/arm64/Kbuild",
	"arch/arm64/Makefile",
	"arch/arm64/configs",
	"arch/arm64/include",
	"arch/arm64/kernel/asm-offsets.c",
	"arch/arm64/kernel/vdso",
	"arch/arm64/kernel/vdso32",
	"arch/arm64/tools",
	"include",
	"kernel/bounds.c",
	"kernel/time/timeconst.bc",
	"scripts",
}

// hypervisor are those that the hypervisor's dry run and its sources may read besides.
var hypervisor = []string{
	"arch/arm64/kernel",
	"arch/arm64/kvm",
	"arch/arm64/lib",
	"virt",
}

// generated are those of an object tree.
var generated = []string{
	".config",
	"arch/arm64/include/generated",
	"include/config/auto.conf",
	"include/generated",
}

// Dates returns a hash of the names, sizes, modes and dates of what the files of hypgen are made from, in a prepared tree; programs are names of
// programs that take part. Covers says which files it has.
func (p *Place) Dates(programs ...string) (string, error) {
	h := sha256.New()
	if err := p.preparationDates(h); err != nil {
		return "", err
	}
	for _, name := range hypervisor {
		if err := stamp(h, p.Source, name); err != nil {
			return "", err
		}
	}
	for _, name := range generated {
		if err := stamp(h, p.Objects, name); err != nil {
			return "", err
		}
	}
	for _, program := range programs {
		stampProgram(h, program)
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

// Covers tells whether Dates has a file of the tree, a path relative to its root.
func (p *Place) Covers(name string) bool {
	for _, list := range [][]string{preparation, hypervisor, generated} {
		for _, covered := range list {
			if name == covered || strings.HasPrefix(name, covered+"/") {
				return true
			}
		}
	}
	return false
}

// preparationDates hashes what make prepare reads.
func (p *Place) preparationDates(h io.Writer) error {
	for _, name := range preparation {
		if err := stamp(h, p.Source, name); err != nil {
			return err
		}
	}
	for _, name := range p.kconfigs() {
		if err := stamp(h, p.Source, name); err != nil {
			return err
		}
	}
	return nil
}

// kconfigs returns the Kconfig files that the configuration of the tree was made from.
func (p *Place) kconfigs() []string {
	text, err := os.ReadFile(filepath.Join(p.Objects, "include/config/auto.conf.cmd"))
	if err != nil {
		return nil
	}
	var names []string
	for _, word := range strings.Fields(string(text)) {
		word = strings.TrimPrefix(word, "$(srctree)/")
		if strings.HasPrefix(filepath.Base(word), "Kconfig") && !filepath.IsAbs(word) {
			names = append(names, word)
		}
	}
	return names
}

// stamp hashes the dates of a file, or of a directory's files. What kbuild makes in a tree that is built in is left out.
func stamp(h io.Writer, root, name string) error {
	err := filepath.WalkDir(filepath.Join(root, name), func(file string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			_, err = fmt.Fprintf(h, "%s\x00none\n", file)
			return err
		}
		if err != nil {
			return err
		}
		if entry.IsDir() || isBuilt(entry.Name()) {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(h, "%s\x00%v %d %d\n", file, info.Mode(), info.Size(), info.ModTime().UnixNano())
		return err
	})
	return err
}

func isBuilt(name string) bool {
	switch filepath.Ext(name) {
	case ".o", ".a", ".cmd", ".d", ".order", ".mod":
		return true
	}
	return false
}

// stampProgram hashes a program's path and date.
func stampProgram(h io.Writer, program string) {
	file, err := lookPath(program)
	if err == nil {
		if info, statErr := os.Stat(file); statErr == nil {
			fmt.Fprintf(h, "%s\x00%s %d %d\n", program, file, info.Size(), info.ModTime().UnixNano())
			return
		}
	}
	fmt.Fprintf(h, "%s\x00none\n", program)
}
