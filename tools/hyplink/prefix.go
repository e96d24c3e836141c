// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/rename"
)

// runPrefix prefixes and renames symbols and sections of an object.
func runPrefix(c *context) error { return c.transform(c.renameStage()) }

// renameStage defines the options of hyplink prefix, and returns what makes the
// stage of them once the command line is parsed.
func (c *context) renameStage() func() (stage, error) {
	f := rename.AddFlags(c.flags)
	return func() (stage, error) {
		opts, err := renameOptions(f)
		return c.rename(opts), err
	}
}

// rename returns the stage that renames.
func (c *context) rename(opts rename.Options) stage {
	return func(o *elfobj.Object) error {
		if err := rename.Apply(o, opts); err != nil {
			return err
		}
		if w := rename.Warning(o, opts); w != nil {
			c.stderr.Line("warning: " + errcode.Text(w))
		}
		return nil
	}
}

// renameOptions tells mistakes in the command line from those in the files that
// it names.
func renameOptions(f *rename.Flags) (rename.Options, error) {
	o, err := f.Options()
	var file *rename.FileError
	if err != nil && !errors.As(err, &file) {
		err = &usageError{err}
	}
	return o, err
}
