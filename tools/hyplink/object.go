// SPDX-License-Identifier: Apache-2.0

package main

import "github.com/rules-hyp/rules_hyp/internal/elfobj"

// runObject does in memory what link, hyprel and prefix do one after another.
func runObject(c *context) error {
	f := c.linkFlags()
	relocs := c.flags.Bool("hyp-relocations", false, "add the hyp relocation table")
	prefix := c.hypSectionPrefix()
	renames := c.renameStage()
	return c.link(f, func() (stage, error) {
		apply, err := renames()
		var add stage
		if err == nil {
			add, err = addTable(*prefix, f.symbolOrder)
		}
		return func(o *elfobj.Object) error {
			if *relocs {
				if err := add(o); err != nil {
					return err
				}
			}
			return apply(o)
		}, err
	})
}
