package main

import (
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
	"github.com/rules-hyp/rules_hyp/internal/rename"
)

// runHyprel adds the hyp relocation table to an object.
func runHyprel(c *context) error {
	prefix := c.hypSectionPrefix()
	return c.transform(func() (stage, error) {
		return func(o *elfobj.Object) error { return hyprel.Add(o, *prefix) }, checkPrefix("hyp-section-prefix", *prefix)
	})
}

// checkPrefix checks the spelling of a prefix that an option gives.
func checkPrefix(option, prefix string) error {
	if err := rename.CheckPrefix(prefix); err != nil {
		return usagef("--%s: %v", option, err)
	}
	return nil
}

// hypSectionPrefix defines the option that says which sections are the
// hypervisor's.
func (c *context) hypSectionPrefix() *string {
	return c.flags.String("hyp-section-prefix", hyprel.DefaultSectionPrefix,
		"what the names of the sections start with whose addresses the hyp relocation table lists; empty: all loaded sections")
}
