// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/tests/differential/linkcase"
)

// Describe formats a case.
func Describe(c *linkcase.Case) string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d, prefix %q, keep groups %v\n", c.Seed, c.Prefix, c.KeepGroups)
	for i, in := range c.Inputs {
		switch {
		case in.Raw != nil:
			fmt.Fprintf(&b, "in%d: raw\n", i)
			for n, s := range in.Raw.Sections {
				fmt.Fprintf(&b, "  section %d %s %v %v align=%d entsize=%d size=%d data=%q\n", n+1, s.Name, s.Type, s.Flags, s.Align, s.Entsize, max(s.Size, uint64(len(s.Data))), s.Data)
				for _, r := range s.Relocs {
					fmt.Fprintf(&b, "    +%#x type %d symbol %d %+d\n", r.Offset, r.Type, r.Symbol, r.Addend)
				}
			}
			for n, s := range in.Raw.Symbols {
				fmt.Fprintf(&b, "  symbol %d %q section=%d value=%#x size=%d %v %v %v\n", n+1, s.Name, s.Section, s.Value, s.Size, s.Bind, s.Type, s.Vis)
			}
			for _, g := range in.Raw.Groups {
				fmt.Fprintf(&b, "  group signature %d members %v\n", g.Signature, g.Members)
			}
		case in.Asm != "":
			fmt.Fprintf(&b, "in%d: assembly\n%s", i, in.Asm)
		default:
			fmt.Fprintf(&b, "in%d: C, %v\n%s", i, in.Flags, in.C)
		}
	}
	if c.Script != "" {
		fmt.Fprintf(&b, "script:\n%s", c.Script)
	}
	return b.String()
}
