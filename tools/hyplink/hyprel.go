package main

import "github.com/rules-hyp/rules_hyp/internal/hyprel"

// runHyprel adds the hyp relocation table to an object.
func runHyprel(c *context) error {
	return c.transform(func() (stage, error) { return hyprel.Add, nil })
}
