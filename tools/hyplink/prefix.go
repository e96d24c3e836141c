// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
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
		if err := keepsListed(o, opts); err != nil {
			return err
		}
		if err := rename.Apply(o, opts); err != nil {
			return err
		}
		if w := rename.Warning(o, opts); w != nil {
			c.stderr.Line("warning: " + errcode.Text(w))
		}
		return nil
	}
}

// keepsListed refuses to change or remove addresses that a table of hyp relocations
// lists: the kernel would convert what is no address any more.
func keepsListed(o *elfobj.Object, opts rename.Options) error {
	if opts.RelativeSections == nil && opts.RemoveRelocs == nil || opts.RemoveSections.Has(hyprel.TableSection) || opts.RemoveRelocs.Has(hyprel.TableSection) {
		return nil
	}
	s, off, err := hyprel.Listed(o, func(s *elfobj.Section) bool {
		return opts.RelativeSections.Has(s.Name) || opts.RemoveRelocs.Has(s.Name)
	})
	if err != nil || s == nil {
		return err
	}
	option := "--relative-section makes it an offset"
	if opts.RemoveRelocs.Has(s.Name) {
		option = "--remove-section removes its relocation"
	}
	return o.ErrorAt(errcode.ListedAddress, s, uint64(off), "leave the section out of that option, or make the table afterwards, with 'hyplink hyprel'",
		"the address is listed in %s for the kernel to convert, and %s", hyprel.TableSection, option)
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
