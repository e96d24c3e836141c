// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
)

// Schema is the version of the JSON report.
const Schema = 1

// Report is what the comparison found.
type Report struct {
	Schema    int   `json:"schema"`
	Different bool  `json:"different"`
	Logs      []Log `json:"logs"` // two
	// Common is the number of actions that are in both logs, Changed of those whose key
	// changed.
	Common  int         `json:"common"`
	Changed int         `json:"changed"`
	Causes  []Cause     `json:"causes"` // those with the most consequences first
	Reruns  []Group     `json:"reruns"` // executed in the second build though the key is the same
	Only    []OnlyGroup `json:"only"`   // actions of one log
}

// Log is a log that was read.
type Log struct {
	File    string         `json:"file"` // without directory
	Format  string         `json:"format"`
	Actions int            `json:"actions"`
	Runners map[string]int `json:"runners"` // actions by what executed them, or which cache had them
}

// Cause is what changed first, and what followed.
type Cause struct {
	Changes []Change `json:"changes"`
	// Direct is the number of actions that have the change themselves, Affected of all that
	// changed because of it, which includes them: 0 if there are too many causes to count.
	Direct   int `json:"direct"`
	Affected int `json:"affected"`
	// Outputs is how many of the actions with the change made other outputs.
	Outputs int `json:"outputs_changed"`
	// Chain leads from the first action to the last one that followed.
	Chain []Step `json:"chain"`
}

// Step is an action of a chain.
type Step struct {
	Action
	// Input is the changed output of the action before that it reads.
	Input string `json:"input"`
}

// Action names an action.
type Action struct {
	Mnemonic string `json:"mnemonic"`
	Label    string `json:"label"`
	Output   string `json:"output"` // the first that is declared
}

// Group is actions with one reason.
type Group struct {
	Reason  string   `json:"reason"`
	Count   int      `json:"count"`
	Actions []Action `json:"actions"` // the first three
}

// OnlyGroup is actions that only log 1 or 2 has.
type OnlyGroup struct {
	Log int `json:"log"`
	Group
}

// report makes the report.
func (c *comparison) report(before, after Named) *Report {
	r := &Report{Schema: Schema, Common: len(c.pairs), Causes: []Cause{}, Reruns: c.reruns(), Only: c.onlyOne()}
	for _, l := range []Named{before, after} {
		log := Log{File: filepath.Base(l.Name), Format: l.Format.String(), Actions: len(l.Spawns), Runners: map[string]int{}}
		for i := range l.Spawns {
			log.Runners[l.Spawns[i].Runner]++
		}
		r.Logs = append(r.Logs, log)
	}
	for i := range c.pairs {
		if c.pairs[i].key {
			r.Changed++
		}
	}
	for _, cause := range c.causes {
		out := Cause{Changes: cause.changes, Direct: len(cause.direct), Affected: cause.affected}
		for _, pair := range cause.direct {
			if c.pairs[pair].outputs {
				out.Outputs++
			}
		}
		for _, step := range c.chain(cause) {
			s := Step{Action: c.action(&c.b, c.pairs[step.pair].b)}
			if step.path >= 0 {
				s.Input = c.table.paths[step.path]
			}
			out.Chain = append(out.Chain, s)
		}
		r.Causes = append(r.Causes, out)
	}
	r.Different = len(r.Causes) > 0 || r.Changed > 0
	for _, g := range r.Only {
		r.Different = r.Different || g.Reason != upToDate
	}
	if r.Reruns == nil {
		r.Reruns = []Group{}
	}
	if r.Only == nil {
		r.Only = []OnlyGroup{}
	}
	return r
}

func (c *comparison) action(s *side, spawn int32) Action {
	sp := &s.log.Spawns[spawn]
	return Action{sp.Mnemonic, sp.Label, first(sp.Listed)}
}

// String names the action and what it makes.
func (a Action) String() string {
	return strings.TrimSpace(a.Mnemonic + " " + a.Label)
}

// WriteJSON writes the report as JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
