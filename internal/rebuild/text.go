// SPDX-License-Identifier: Apache-2.0

package rebuild

import (
	"fmt"
	"strings"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// WriteText writes the report for people.
func (r *Report) WriteText(w *textline.Writer) {
	w.Line(r.headline())
	w.Linef("  first build: %s", r.Runners)
	for i := range r.Findings {
		f := &r.Findings[i]
		w.Linef("%d. %s", i+1, f.title())
		for _, line := range f.details() {
			w.Linef("   %s", line)
		}
		for _, file := range f.Files {
			if file.Path != "" {
				w.Linef("   %s (%s):", file.Path, file.Type)
			}
			for _, line := range file.Lines {
				w.Linef("     %s", line)
			}
		}
	}
	for _, e := range r.Stale {
		w.Linef("accepted, but there is no such difference: %s; remove the entry", e.String())
	}
	if r.Hidden > 0 {
		w.Linef("differ because of others before them, so that nothing is known of themselves: %s", count(r.Hidden, "action"))
	}
	w.Line("varied:")
	for _, v := range r.Variations {
		if v.Made {
			w.Linef("  %-12s %s -> %s", v.Name, v.Before, v.After)
		}
	}
	if not := r.notMade(); len(not) > 0 {
		w.Line("not varied:")
		for _, v := range not {
			w.Linef("  %-12s %s", v.Name, v.Reason)
		}
	}
	w.Linef("%s in %s", count(len(r.Builds), "build"), r.duration())
}

// headline is the verdict.
func (r *Report) headline() string {
	accepted := 0
	for _, f := range r.Findings {
		if f.Accepted != "" {
			accepted++
		}
	}
	made := len(r.Variations) - len(r.notMade())
	switch open := len(r.Findings) - accepted; {
	case open > 0:
		return fmt.Sprintf("DIFFERENT: %s first differ, of %s in %s", count(open, "place"), count(r.Actions, "action"), count(len(r.Builds), "build"))
	case len(r.Stale) > 0:
		return fmt.Sprintf("DIFFERENT FROM THE LIST: %s no longer found", count(len(r.Stale), "accepted difference"))
	case accepted > 0:
		return fmt.Sprintf("EQUAL but for %s: %s, %s", count(accepted, "accepted difference"), count(r.Actions, "action"), count(made, "variation"))
	}
	return fmt.Sprintf("EQUAL: the outputs of %s, with and without %s", count(r.Actions, "action"), count(made, "variation"))
}

func (r *Report) notMade() []VariationReport {
	var list []VariationReport
	for _, v := range r.Variations {
		if !v.Made {
			list = append(list, v)
		}
	}
	return list
}

func (r *Report) duration() string {
	var seconds float64
	for _, b := range r.Builds {
		seconds += b.Seconds
	}
	return (time.Duration(seconds) * time.Second).String()
}

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// title names what differs.
func (f *Finding) title() string {
	more := ""
	if f.More > 0 {
		more = fmt.Sprintf(" and %s more", count(f.More, "action"))
	}
	switch f.Kind {
	case Failure:
		return "the build fails"
	case Input:
		inputs := f.Inputs
		extra := ""
		if len(inputs) > 3 {
			extra = fmt.Sprintf(" and %d more", len(inputs)-3)
			inputs = inputs[:3]
		}
		return fmt.Sprintf("%s%s: not made by an action, and differs; used by %s%s", strings.Join(inputs, ", "), extra, f.Action, more)
	case Written:
		return fmt.Sprintf("%s: Bazel wrote it, without a command, and it differs", f.Action.Output)
	case Missing:
		return fmt.Sprintf("%s%s: the varied build does not have it", f.Action, more)
	case Extra:
		return fmt.Sprintf("%s%s: only the varied build has it", f.Action, more)
	}
	return fmt.Sprintf("%s%s: the same inputs, other outputs", f.Action, more)
}

// details say why it differs.
func (f *Finding) details() []string {
	cause := "cause: " + f.Verdict
	if len(f.Causes) > 0 {
		cause = fmt.Sprintf("cause: %s (%s)", strings.Join(f.Causes, ", "), f.Verdict)
	}
	lines := []string{cause}
	if f.Kind != Failure {
		lines = append(lines, fmt.Sprintf("seen in %d of %s", f.Differs, count(f.Builds, "build")))
	}
	if f.Arguments {
		lines = append(lines, "its command line differs as well")
	}
	if f.Accepted != "" {
		lines = append(lines, "accepted: "+f.Accepted)
	}
	return lines
}

// String lists the fields of an entry.
func (e *Accepted) String() string {
	var parts []string
	for _, f := range [][2]string{{"mnemonic", e.Mnemonic}, {"label", e.Label}, {"output", e.Output}, {"input", e.Input}, {"cause", e.Cause}} {
		if f[1] != "" {
			parts = append(parts, f[0]+" "+f[1])
		}
	}
	return strings.Join(parts, ", ")
}
