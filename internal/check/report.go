// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// Schema is the version of the JSON report format.
const Schema = 1

// Finding is one violation of a rule.
type Finding struct {
	ID   string `json:"id"`   // "HYP003"
	Rule string `json:"rule"` // "orphan-section"
	// Symbol is the offending symbol, or the symbol that covers Offset; it may
	// be empty.
	Symbol  string `json:"symbol,omitempty"`
	Target  string `json:"target,omitempty"` // the symbol that the relocation at Offset refers to
	Section string `json:"section,omitempty"`
	Offset  int64  `json:"offset"`            // in bytes from the start of Section, or -1
	Input   string `json:"input,omitempty"`   // the input object (from a map) or source (from STT_FILE symbols)
	UsedBy  string `json:"used_by,omitempty"` // the function or variable with the first use of Symbol
	UsedAt  string `json:"used_at,omitempty"` // where the first use is, "section+0xOFF"
	// Source and UsedSource are the source lines of Offset and of UsedAt, "file:line"; empty without debug information.
	Source     string `json:"source,omitempty"`
	UsedSource string `json:"used_source,omitempty"`
	// OtherUses are in other functions or variables than the first use; MoreUses is how many are not listed.
	OtherUses []Use               `json:"other_uses,omitempty"`
	MoreUses  int                 `json:"more_uses,omitempty"`
	Message   string              `json:"message"` // what is wrong
	Fix       string              `json:"fix"`     // what to do about it
	index     elfobj.SectionIndex // of Section, for sorting
}

// Use is a place that uses the symbol of a finding.
type Use struct {
	By     string `json:"by,omitempty"`     // the function or variable
	At     string `json:"at"`               // "section+0xOFF"
	Source string `json:"source,omitempty"` // "file:line", if debug information has it
	Input  string `json:"input,omitempty"`
}

// String formats a use: "FUNCTION" at SECTION+0xOFF (FILE:LINE), with the input
// if the line is not known.
func (u *Use) String() string {
	s := "at " + u.At
	if u.By != "" {
		s = fmt.Sprintf("%q %s", u.By, s)
	}
	if from := cmp.Or(u.Source, u.Input); from != "" {
		s += " (" + from + ")"
	}
	return s
}

// Suppressed is a finding that the policy suppresses.
type Suppressed struct {
	Finding
	Reason string `json:"reason"`
}

// Report is the result of a check.
type Report struct {
	Schema     int          `json:"schema"`
	Object     string       `json:"object"`
	Passed     bool         `json:"passed"`
	Findings   []Finding    `json:"findings"` // sorted by identifier, section and offset
	Suppressed []Suppressed `json:"suppressed"`
	// Unused lists the policy's suppressions that matched no finding.
	Unused []Suppression `json:"unused_suppressions"`
	// unlinked says that there are reports of several objects, which have no JSON.
	unlinked bool
}

// Line formats the finding as one line: "file: section+0xOFF: ID rule: what;
// what to do".
func (f *Finding) Line(object string) string {
	var b strings.Builder
	b.WriteString(object)
	b.WriteString(": ")
	switch {
	case f.Section != "" && f.Offset >= 0:
		fmt.Fprintf(&b, "%s+%#x: ", f.Section, f.Offset)
	case f.Section != "":
		fmt.Fprintf(&b, "%s: ", f.Section)
	}
	fmt.Fprintf(&b, "%s %s: ", f.ID, f.Rule)
	if f.Symbol != "" && !strings.Contains(f.Message, fmt.Sprintf("%q", f.Symbol)) {
		fmt.Fprintf(&b, "in %q: ", f.Symbol)
	}
	b.WriteString(f.Message)
	var where []string
	if f.Input != "" {
		where = append(where, "from "+f.Input)
	}
	if f.UsedBy != "" {
		where = append(where, fmt.Sprintf("used by %q", f.UsedBy))
	}
	if f.UsedAt != "" {
		where = append(where, "at "+f.UsedAt)
	}
	if line := cmp.Or(f.UsedSource, f.Source); line != "" {
		where = append(where, "line "+line)
	}
	for i := range f.OtherUses {
		where = append(where, "also by "+f.OtherUses[i].String())
	}
	if f.MoreUses > 0 {
		where = append(where, fmt.Sprintf("and %d more", f.MoreUses))
	}
	if len(where) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(where, ", "))
	}
	b.WriteString("; ")
	b.WriteString(f.Fix)
	return b.String()
}

// textLimit is how many findings of one rule WriteText shows.
const textLimit = 20

// WriteText writes the findings as text, one per line: the first textLimit
// findings of each rule, and how many others there are. It writes nothing if the
// object passed.
func (r *Report) WriteText(w *textline.Writer) {
	count := map[string]int{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if count[f.ID]++; count[f.ID] <= textLimit {
			w.Line(f.Line(r.Object))
		}
	}
	for _, rule := range Rules {
		if more := count[rule.ID] - textLimit; more > 0 {
			advice := "--json lists all"
			if r.unlinked {
				advice = "correct those above first"
			}
			w.Linef("%s: %s %s: %d more; %s", r.Object, rule.ID, rule.Name, more, advice)
		}
	}
}
