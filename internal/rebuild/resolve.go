// SPDX-License-Identifier: Apache-2.0

package rebuild

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/bazelrun"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Verdicts of findings.
const (
	verdictVariation = "it follows from a variation"
	verdictSeveral   = "it follows from each of several variations"
	verdictTogether  = "it follows from variations together"
	verdictClock     = "it follows from the clock: equal while the clock stands still"
	verdictNone      = "it differs without any variation: a race, a random number, a time stamp of a file, or the like"
	verdictUnstable  = "it differs now and then, whatever is varied: a race, a random number, or the like"
	verdictUnknown   = "it differs without any variation; whether the clock is the reason could not be found out"
)

// plainBuilds is how many builds without variations must all differ from each other
// before the clock is taken for the reason.
const plainBuilds = 3

// stoppedTimes bounds a build whose actions see a clock that stands still, in times of
// the first build: an action may wait for the clock.
const stoppedTimes = 5

// inPlain reports whether a divergence is in a build without variations.
func (a *audit) inPlain(key string) bool {
	return slices.ContainsFunc(a.plain, func(b *built) bool { return b.find(key) != nil })
}

// resolve finds out which variations the divergences of a build follow from.
func (a *audit) resolve(ctx context.Context, group *built) error {
	var open []divergence
	for _, d := range group.divergences {
		if !a.inPlain(d.key) && !a.found(d.key) {
			open = append(open, d)
		}
	}
	if len(open) == 0 {
		return nil
	}
	a.refetch = slices.ContainsFunc(open, func(d divergence) bool {
		return slices.ContainsFunc(d.inputs, func(path string) bool { return strings.HasPrefix(path, "external/") })
	})
	names := slices.DeleteFunc(slices.Clone(group.vary), func(name string) bool { return a.notMade[name] != "" })
	if len(names) == 0 {
		names = group.vary
	}
	a.planned = 1 + 2*bits.Len(uint(len(names)))
	if singly(len(open), len(names)) {
		a.planned = 1 + len(names)
	}
	again, err := a.build(ctx, "all at once again", bazelrun.Request{Vary: names})
	if err != nil {
		return err
	}
	// A variation without effect of its own may be one with others.
	stable := func(d divergence) bool { return again.find(d.key) != nil }
	if slices.ContainsFunc(open, func(d divergence) bool { return !stable(d) }) && len(names) < len(group.vary) {
		names = group.vary
		if again, err = a.build(ctx, "all at once again", bazelrun.Request{Vary: names}); err != nil {
			return err
		}
	}
	open = slices.DeleteFunc(open, func(d divergence) bool {
		if stable(d) {
			return false
		}
		a.add(d, group, nil, verdictUnstable)
		return true
	})
	tested := map[string]*built{key(names): again}
	differs := func(d divergence, part []string) (bool, error) {
		b := tested[key(part)]
		if b == nil {
			var err error
			if b, err = a.build(ctx, "which variation: "+strings.Join(part, ", "), bazelrun.Request{Vary: part}); err != nil {
				return false, err
			}
			tested[key(part)] = b
		}
		return b.find(d.key) != nil, nil
	}
	single := singly(len(open), len(names))
	for _, d := range open {
		var causes []string
		if single || allTested(tested, names) {
			for _, name := range names {
				if bad, err := differs(d, []string{name}); err != nil {
					return err
				} else if bad {
					causes = append(causes, name)
				}
			}
		}
		verdict := verdictVariation
		switch {
		case len(causes) > 1:
			verdict = verdictSeveral
		case len(causes) == 0:
			var err error
			if causes, err = minimize(names, func(part []string) (bool, error) { return differs(d, part) }); err != nil {
				return err
			}
			if len(causes) > 1 {
				verdict = verdictTogether
			}
			// What differs now and then may have done so in just these builds.
			b, err := a.build(ctx, "once more: "+strings.Join(causes, ", "), bazelrun.Request{Vary: causes})
			if err != nil {
				return err
			}
			if b.find(d.key) == nil {
				a.add(d, group, nil, verdictUnstable)
				continue
			}
		}
		shown := group
		if b := tested[key(causes[:1])]; b != nil && b.find(d.key) != nil {
			shown = b
		}
		a.add(*shown.find(d.key), shown, causes, verdict)
	}
	a.refetch = false
	return nil
}

// allTested reports whether each variation was tested by itself.
func allTested(tested map[string]*built, names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return tested[name] == nil })
}

// found reports whether a divergence is in the report already.
func (a *audit) found(key string) bool {
	return slices.ContainsFunc(a.report.Findings, func(f Finding) bool { return f.key == key })
}

// resolvePlain reports what differs without variations, and finds out whether that is
// because of the clock.
func (a *audit) resolvePlain(ctx context.Context) error {
	type open struct {
		divergence
		b *built
	}
	var list []open
	for _, b := range a.plain {
		for _, d := range b.divergences {
			if !a.found(d.key) && !slices.ContainsFunc(list, func(o open) bool { return o.key == d.key }) {
				list = append(list, open{d, b})
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	a.planned = max(plainBuilds-1-len(a.plain), 0) + 2
	for len(a.plain) < plainBuilds-1 {
		if b, err := a.build(ctx, "without variations, for what differs without them", bazelrun.Request{}); err != nil {
			return err
		} else if b.Failed != "" {
			return errcode.BuildUnstable.Errorf("the build fails now and then:\n%s", b.Failed)
		}
	}
	always := func(d divergence) bool { return a.allDistinct(d) }
	var stopped *comparison
	if slices.ContainsFunc(list, func(o open) bool { return always(o.divergence) }) && a.builder.Check(ctx, bazelrun.Date) == nil {
		var err error
		if stopped, err = a.stopped(ctx); err != nil && !errors.Is(err, errNoResult) {
			return err
		}
	}
	for _, o := range list {
		var causes []string
		verdict := verdictNone
		switch {
		case !always(o.divergence):
		case stopped == nil:
			verdict = verdictUnknown
		case stopped.find(o.key) == nil:
			causes, verdict = []string{bazelrun.Date}, verdictClock
		}
		a.add(o.divergence, o.b, causes, verdict)
	}
	return nil
}

// allDistinct reports whether an action made something else in each build without
// variations.
func (a *audit) allDistinct(d divergence) bool {
	seen := map[string]bool{}
	for _, b := range append([]*built{a.base}, a.plain...) {
		var contents string
		if d.kind == Written {
			contents = b.Written[d.action.Output]
		} else if i, ok := b.index.spawns[d.key]; ok {
			contents = fmt.Sprint(b.index.outputs(i))
		} else {
			return false
		}
		if seen[contents] {
			return false
		}
		seen[contents] = true
	}
	return true
}

// stopped compares two builds while the clock stands still.
func (a *audit) stopped(ctx context.Context) (*comparison, error) {
	at := time.Now().UnixNano()
	var pair [2]*built
	for i := range pair {
		limited, cancel := context.WithTimeout(ctx, stoppedTimes*a.base.Elapsed+time.Minute)
		b, err := a.build(limited, fmt.Sprintf("the clock stands still (%d of 2)", i+1), bazelrun.Request{Stopped: at})
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil && errors.Is(err, context.DeadlineExceeded), err == nil && b.Failed != "":
			return nil, errNoResult
		case err != nil:
			return nil, err
		}
		pair[i] = b
	}
	if !strings.Contains(pair[0].Seen[bazelrun.Date], bazelrun.ClockStopped) {
		return nil, errNoResult
	}
	c := compareBuilds(pair[0].index, pair[1].index, false)
	c.compareWritten(pair[0].Written, pair[1].Written, false)
	return c, nil
}

// add adds a finding.
func (a *audit) add(d divergence, b *built, causes []string, verdict string) {
	f := Finding{key: d.key, Kind: d.kind, Action: d.action, More: d.more, Inputs: d.inputs, Arguments: d.args, Causes: causes, Verdict: verdict, Build: b.Number}
	if f.Causes == nil {
		f.Causes = []string{}
	}
	f.Builds = len(a.report.Builds) - 1
	for _, path := range d.files {
		if len(f.Files) == maxFiles {
			break
		}
		before, errBefore := a.base.Read(path)
		after, errAfter := b.Read(path)
		f.Files = append(f.Files, describeFile(path, before, errBefore, after, errAfter))
	}
	a.report.Findings = append(a.report.Findings, f)
}
