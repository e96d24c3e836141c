// SPDX-License-Identifier: Apache-2.0

package rebuild

import (
	"encoding/json"
	"io"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/bazelrun"
)

// Schema is the version of the JSON report.
const Schema = 1

// Report is what an audit found.
type Report struct {
	Schema  int      `json:"schema"`
	Equal   bool     `json:"equal"` // but for what is accepted
	Targets []string `json:"targets"`
	// Actions is how many actions the first build has, Runners how many were executed by what.
	Actions    int               `json:"actions"`
	Runners    string            `json:"runners"`
	Variations []VariationReport `json:"variations"`
	Builds     []BuildInfo       `json:"builds"`
	Findings   []Finding         `json:"findings"`
	// Hidden is how many actions were not compared with equal inputs in a build, because
	// actions before them differ.
	Hidden int `json:"hidden"`
	// Stale are accepted differences that there are not.
	Stale []Accepted `json:"stale"`
}

// VariationReport is a variation, and whether it was in effect.
type VariationReport struct {
	Name   string `json:"name"`
	What   string `json:"what"`
	Reach  string `json:"reach"`  // what sees it and what does not
	Made   bool   `json:"made"`   // an action saw it
	Reason string `json:"reason"` // why not
	// Before and After are what an action sees without and with it.
	Before string `json:"before"`
	After  string `json:"after"`
}

// BuildInfo is a build.
type BuildInfo struct {
	Number  int      `json:"number"`
	Purpose string   `json:"purpose"`
	Vary    []string `json:"vary"`
	Stopped bool     `json:"stopped"` // the clock stood still
	Failed  bool     `json:"failed"`
	Actions int      `json:"actions"`
	Differs int      `json:"differs"` // actions whose outputs differ from the first build's
	Seconds float64  `json:"seconds"`
}

// Finding is an action, or a file, that differs first, and why.
type Finding struct {
	key     string
	Kind    string   `json:"kind"`
	Action  Action   `json:"action"`
	More    int      `json:"more"`   // other actions with the same finding
	Inputs  []string `json:"inputs"` // that differ, of kind Input
	Verdict string   `json:"verdict"`
	// Causes are the variations that it follows from: each by itself, or all together, as
	// the verdict says. There is none if it differs without.
	Causes []string `json:"causes"`
	// Arguments says that the command lines differ as well.
	Arguments bool `json:"arguments"`
	// Differs is in how many of Builds builds after the first one it was seen.
	Differs int `json:"differs"`
	Builds  int `json:"builds"`
	// Build is the number of the build whose outputs are shown in Files.
	Build    int              `json:"build"`
	Files    []FileDifference `json:"files"`
	Accepted string           `json:"accepted"` // the reason why it is
}

func newReport(o Options) *Report {
	return &Report{Schema: Schema, Targets: o.Targets, Variations: []VariationReport{}, Builds: []BuildInfo{}, Findings: []Finding{}, Stale: []Accepted{}}
}

// finish completes the report.
func (a *audit) finish() {
	r := a.report
	r.Actions, r.Runners = len(a.base.Log.Spawns), a.base.Seen[bazelrun.Strategy]
	for _, v := range bazelrun.Variations {
		if !slices.Contains(a.options.Vary, v.Name) {
			continue
		}
		info := VariationReport{Name: v.Name, What: v.What, Reach: v.Reach, Before: a.base.Seen[v.Name], After: a.seen[v.Name], Reason: a.notMade[v.Name]}
		if info.Reason == "" && info.After == "" {
			info.Reason = "the build fails with it"
		}
		info.Made = info.Reason == ""
		r.Variations = append(r.Variations, info)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Kind == Failure {
			continue
		}
		f.Differs, f.Builds = 0, 0
		for _, b := range a.all {
			if b.Failed == "" {
				f.Builds++
				if b.find(f.key) != nil {
					f.Differs++
				}
			}
		}
	}
	for _, b := range a.all {
		r.Hidden = max(r.Hidden, b.followers)
	}
	r.accept(a.options.Accepted)
	r.Equal = len(r.Stale) == 0 && !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Accepted == "" })
}

// WriteJSON writes the report as JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
