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

// missingSource returns an error that names the source of an object for which make has no rule, because the source does not exist; nil if make's
// messages are about something else. make names the object alone.
func (t *Tree) missingSource(messages string) error {
	match := noRule.FindStringSubmatch(messages)
	if match == nil {
		return nil
	}
	object := path.Clean(match[1])
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
