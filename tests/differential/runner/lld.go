package runner

import (
	"fmt"

	"github.com/rules-hyp/rules_hyp/tests/differential/linkcase"
)

// compareLLD links a plain case with ld.lld as well, and compares what is
// loaded. Their relocatable objects differ in too many ways that mean nothing.
func (t *Tools) compareLLD(c *linkcase.Case, r *Result, dir string, objects []string) error {
	// -O0: without it strings are merged even in a partial link.
	args := []string{"-r", "-O0", "-EL", "-o", "lld-partial.o"}
	if c.Script != "" {
		args = append(args, "-T", "script.lds")
	}
	if err := run(dir, t.Lld, append(args, objects...)...); err != nil {
		return fmt.Errorf("lld: %w", err)
	}
	if err := t.load(r, dir, "lld"); err != nil {
		return err
	}
	r.LLD = len(r.Diffs) == 0
	return nil
}
