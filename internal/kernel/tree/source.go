// SPDX-License-Identifier: Apache-2.0

package tree

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// IsSource tells whether a directory is the top of a kernel's source tree.
func IsSource(dir string) bool { return (&Tree{Source: dir}).isSource() }

// CheckSource returns an error that says what to do, unless kbuild can work on the source tree: it is that of an arm64 kernel of a
// supported version with KVM, and neither path has blanks. The object tree need not exist.
func (t *Tree) CheckSource() error {
	if err := t.checkPaths(); err != nil {
		return err
	}
	if err := t.checkVersion(); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(t.Source, "arch/arm64/kvm")); err != nil {
		return errcode.TreeWithoutKVM.Errorf("%s: no arch/arm64/kvm in it: the source tree has no KVM for arm64, or only a part of it was checked out", t.Source)
	}
	return nil
}

func (t *Tree) checkPaths() error {
	for _, root := range []string{t.Objects, t.Source} {
		// kbuild refuses these, too, but after it has started to work.
		if strings.ContainsAny(root, " \t\n:") {
			return errcode.TreePath.Errorf("%q: kbuild does not work in a path with blanks or colons; move the tree", root)
		}
	}
	if !t.isSource() {
		return errcode.NotKernelTree.Errorf("%s: no Kconfig or scripts/Kbuild.include in it: not the source tree of a kernel; "+
			"if %s was made with O=, its link `source` must lead to the source tree", t.Source, t.Objects)
	}
	return nil
}

// Environment is the environment of a make that may configure a tree: variables such as KCFLAGS would silently change it.
func Environment() []string {
	variables := []string{"LC_ALL=C"}
	for _, name := range kept {
		if value, ok := os.LookupEnv(name); ok {
			variables = append(variables, name+"="+value)
		}
	}
	return variables
}
