// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/textline"
)

const (
	shownChanges = 4   // of a cause
	shownSteps   = 12  // of a chain
	shownText    = 160 // bytes of a value
	shownDigest  = 12  // digits
)

// WriteText writes the report for people, with at most so many causes; -1: all.
func (r *Report) WriteText(w *textline.Writer, causes int) error {
	switch {
	case !r.Different:
		w.Linef("NO DIFFERENCE: %s, with the same keys and the same outputs", counted(r.Common, "action"))
	case len(r.Causes) == 0:
		w.Linef("NO CHANGED KEY: %s in both logs have the same keys and outputs, but one log has others, too", counted(r.Common, "action"))
	default:
		w.Linef("DIFFERENT: the key of %d of %s in both logs changed; %s", r.Changed, counted(r.Common, "action"), counted(len(r.Causes), "cause"))
	}
	for i, l := range r.Logs {
		w.Linef("  log %d  %s, %s: %s", i+1, l.File, l.Format, l.summary())
	}
	for i, cause := range r.Causes {
		if i == causes {
			w.Linef("and %s; --causes=-1 lists all", counted(len(r.Causes)-i, "more cause"))
			break
		}
		cause.write(w, i+1)
	}
	for _, g := range r.Reruns {
		w.Linef("executed again with the same key: %s; %s", counted(g.Count, "action"), g.Reason)
		g.write(w)
	}
	for _, g := range r.Only {
		w.Linef("only in log %d: %s; %s", g.Log, counted(g.Count, "action"), g.Reason)
		g.write(w)
	}
	return w.Err()
}

func (l *Log) summary() string {
	var parts []string
	for _, runner := range slices.Sorted(maps.Keys(l.Runners)) {
		name := runner
		if name == "" {
			name = "runner unknown"
		}
		parts = append(parts, fmt.Sprintf("%d %s", l.Runners[runner], name))
	}
	return counted(l.Actions, "action") + " (" + strings.Join(parts, ", ") + ")"
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (c *Cause) write(w *textline.Writer, number int) {
	consequence := ""
	switch {
	case c.Affected > c.Direct:
		consequence = fmt.Sprintf("; %s changed because of it", counted(c.Affected, "action"))
	case c.Affected == 0:
		consequence = "; what followed is not counted"
	case c.Outputs == 0 && c.Changes[0].Kind != Failure:
		consequence = ", with the same outputs as before"
	}
	w.Linef("%d. %s: %s%s", number, c.title(), counted(c.Direct, "action"), consequence)
	for i := range c.Changes {
		if i == shownChanges {
			w.Linef("   and %d more, such as %s", len(c.Changes)-i, c.Changes[len(c.Changes)-1].Name)
			break
		}
		w.Linef("   %s", c.Changes[i].text())
	}
	for i, step := range c.Chain {
		hidden := len(c.Chain) - shownSteps
		if hidden > 0 && i >= shownSteps/2 && i < shownSteps/2+hidden {
			if i == shownSteps/2 {
				w.Linef("     … %s", counted(hidden, "more action"))
			}
			continue
		}
		word := "then"
		if i == 0 {
			word = "first"
		}
		output := step.Output
		if i+1 < len(c.Chain) {
			output = c.Chain[i+1].Input
		}
		w.Linef("     %-5s %s -> %s", word, step.Action, output)
	}
}

// title says what kind of cause it is.
func (c *Cause) title() string {
	kind, same, tools := c.Changes[0].Kind, true, 0
	for _, change := range c.Changes {
		same = same && change.Kind == kind
		if change.Tool {
			tools++
		}
	}
	switch {
	case !same:
		return "several changes of the same actions"
	case kind == Input && tools == len(c.Changes):
		return c.files("tool")
	case kind == Input:
		return c.files("input")
	case kind == Result:
		return "not deterministic: other outputs of the same key"
	}
	return map[string]string{
		Argument: "command line", Environment: "environment", Property: "property of the execution platform", Setting: "setting",
		Outputs: "declared outputs", Configuration: "another configuration", Unknown: "something that is not in the logs", Failure: "another outcome of the same key",
	}[kind]
}

// files counts the files of a cause, and says where they are.
func (c *Cause) files(what string) string {
	if len(c.Changes) == 1 {
		return what
	}
	dir := path.Dir(c.Changes[0].Name)
	for _, change := range c.Changes {
		for dir != "." && dir != "/" && !strings.HasPrefix(change.Name, dir+"/") {
			dir = path.Dir(dir)
		}
	}
	if dir == "." || dir == "/" {
		return counted(len(c.Changes), what)
	}
	return counted(len(c.Changes), what) + " in " + dir
}

// text describes a change in a line.
func (c *Change) text() string {
	switch c.Kind {
	case Input:
		return c.Name + " " + c.inputText()
	case Argument, Outputs:
		what := map[string]string{Argument: "argument", Outputs: "output"}[c.Kind]
		switch {
		case c.Added:
			return what + " added: " + short(c.After)
		case c.Gone:
			return what + " removed: " + short(c.Before)
		}
		return what + ": " + short(c.Before) + " -> " + short(c.After)
	case Result:
		return c.Name + ": " + c.digests() + "; the command's output depends on more than its inputs: time, host, order, random numbers"
	case Configuration:
		return "the outputs are in " + c.After + " instead of " + c.Before
	case Unknown:
		return c.Name + ": " + c.digests() + ", though nothing in the logs differs: a cache salt or another option of remote execution"
	}
	switch {
	case c.Added:
		return c.Name + " added: " + short(c.After)
	case c.Gone:
		return c.Name + " removed: " + short(c.Before)
	}
	return c.Name + ": " + short(c.Before) + " -> " + short(c.After)
}

func (c *Change) inputText() string {
	what := map[string]string{
		FromSource:    "(source file)",
		FromExternal:  "(file of an external repository)",
		FromBazel:     "(written by Bazel, from BUILD files and options)",
		FromFirst:     "(made by " + c.By + ", which only log 1 has)",
		FromSecond:    "(made by " + c.By + ", which only log 2 has)",
		FromUnchanged: "(made by " + c.By + ", which made the same in both builds: changed later)",
		FromCycle:     "(made by an action that needs the outputs of this one)",
	}[c.From]
	switch {
	case c.Added:
		return what + " is a new input"
	case c.Gone:
		return what + " is no input any more"
	}
	return what + ": " + c.digests()
}

func (c *Change) digests() string { return digits(c.Before) + " -> " + digits(c.After) }

func digits(digest string) string {
	switch {
	case digest == "":
		return "(none)"
	case len(digest) > shownDigest && !strings.Contains(digest, "/"):
		return digest[:shownDigest]
	}
	return short(digest)
}

func short(s string) string {
	if s == "" {
		return "(empty)"
	}
	if len(s) > shownText {
		return s[:shownText] + "…"
	}
	return s
}

// write names the actions, if they are few.
func (g *Group) write(w *textline.Writer) {
	if g.Count > maxExamples {
		return
	}
	for _, a := range g.Actions {
		w.Linef("     %s -> %s", a, a.Output)
	}
}
