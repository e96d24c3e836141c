// SPDX-License-Identifier: Apache-2.0

package tree

import (
	"path"
	"regexp"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// noRule matches make's message about an object that it cannot make.
var noRule = regexp.MustCompile("No rule to make target ['`]([^']+\\.o)'")

// missingSource is MissingSource for the object of make's messages, if these are about one for which it has no rule. make names the object alone.
func (t *Tree) missingSource(messages string) error {
	if match := noRule.FindStringSubmatch(messages); match != nil {
		return t.MissingSource(match[1])
	}
	return nil
}

// MissingSource returns an error that names the source of an object that kbuild does not compile, because the source does not exist; nil if there
// is one. An object that was built before hides that from make.
func (t *Tree) MissingSource(object string) error {
	object = path.Clean(object)
	stem := strings.TrimSuffix(object, ".o")
	// kbuild compiles a.c to a.nvhe.o, too.
	for {
		for _, extension := range []string{".c", ".S"} {
			if _, ok := t.Path(stem + extension); ok {
				return nil
			}
		}
		extension := path.Ext(stem)
		if extension == "" {
			break
		}
		stem = strings.TrimSuffix(stem, extension)
	}
	return errcode.SourceMissing.Errorf("%s: the source tree has no %[2]s.c and no %[2]s.S, and its Makefile compiles %[3]s; restore the source (`git checkout -- %[2]s.c`), "+
		"or remove it from the Makefile", t.Source, stem, object)
}
