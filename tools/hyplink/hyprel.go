// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
	"github.com/rules-hyp/rules_hyp/internal/link"
	"github.com/rules-hyp/rules_hyp/internal/rename"
)

// runHyprel adds the hyp relocation table to an object.
func runHyprel(c *context) error {
	prefix, order := c.hypSectionPrefix(), ""
	c.symbolOrderFlag(&order)
	return c.transform(func() (stage, error) {
		return addTable(*prefix, order)
	})
}

// addTable makes the stage that adds the table.
func addTable(prefix, order string) (stage, error) {
	o, err := parseSymbolOrder(order)
	if err == nil {
		err = checkPrefix("hyp-section-prefix", prefix)
	}
	return func(obj *elfobj.Object) error {
		err := hyprel.Add(obj, prefix)
		if err == nil && o == link.OrderGNU {
			hyprel.FormatGNU(obj)
		}
		return err
	}, err
}

// checkPrefix checks the spelling of a prefix that an option gives.
func checkPrefix(option, prefix string) error {
	if err := rename.CheckPrefix(prefix); err != nil {
		return &usageError{fmt.Errorf("--%s: %w", option, err)}
	}
	return nil
}

// hypSectionPrefix defines the option that says which sections are the
// hypervisor's.
func (c *context) hypSectionPrefix() *string {
	return c.flags.String("hyp-section-prefix", hyprel.DefaultSectionPrefix,
		"`PREFIX`: what the names of the sections start with whose addresses the hyp relocation table lists; empty: all loaded sections")
}
