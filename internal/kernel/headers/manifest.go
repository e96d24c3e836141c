package headers

import (
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
)

// Manifest returns the file that linux_repository reads: the headers, one path a line, after comments that say which plan they are for.
func (r *Result) Manifest(plan *kbuild.Plan) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# The headers that %s of Linux %s may read, both sides of each #if. Written by hypgen.\n", plan.Folder, plan.Release)
	for _, computed := range r.Computed {
		fmt.Fprintf(&b, "# Not followed, because a macro names the file: %s\n", computed)
	}
	for _, header := range r.Headers {
		b.WriteString(header + "\n")
	}
	return []byte(b.String())
}
