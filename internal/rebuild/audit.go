// SPDX-License-Identifier: Apache-2.0

// Package rebuild finds out whether a Bazel build is reproducible: it builds targets
// again while it varies what must not matter, compares the outputs of every action, and
// finds the first actions that differ, what differs in their outputs, and which
// variation is responsible.
//
// A build that varies everything at once shows whether anything matters. Only if it
// does, more builds find out what: see [Run].
package rebuild

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/bazelrun"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Builder builds the targets. It is a *bazelrun.Runner but in tests.
type Builder interface {
	// Check returns why a variation cannot be made, or nil.
	Check(ctx context.Context, variation string) error
	Run(ctx context.Context, request bazelrun.Request) (*bazelrun.Build, error)
	// BaseStrategy is called with a build without variations before any other.
	BaseStrategy(*bazelrun.Build)
}

// Options configure an audit.
type Options struct {
	Targets  []string
	Vary     []string // names of variations; in this order they are bisected
	Repeat   int      // builds without variations after the first one; at least 1
	Accepted []Accepted
	// Progress gets what happens; or nil.
	Progress func(line string)
}

// audit is the state of an audit.
type audit struct {
	options Options
	builder Builder
	report  *Report
	base    *built
	all     []*built          // builds but base, whose clock goes on
	plain   []*built          // those of them without variations
	byVary  map[string]*built // the last build of each set of variations
	notMade map[string]string // reasons, by variation
	seen    map[string]string // under variation, by variation
	refetch bool
	planned int // builds that are still to come, as far as is known
	elapsed time.Duration
}

// built is a build and how it differs from the first one.
type built struct {
	*bazelrun.Build
	vary  []string
	index *indexed
	*comparison
}

// Run audits targets. Builds are: one that is compared with all others; some without
// variations; one with all of them; one with those that need a build of their own. If
// one with variations differs where those without do not, it is made again, and then
// with one variation at a time, or with half of them and so on, whatever takes fewer
// builds. What differs without variations is built twice with the clock stopped.
func Run(ctx context.Context, builder Builder, options Options) (*Report, error) {
	options.Repeat = max(options.Repeat, 1)
	a := &audit{options: options, builder: builder, byVary: map[string]*built{}, notMade: map[string]string{}, seen: map[string]string{}, report: newReport(options)}
	if err := a.run(ctx); err != nil {
		return nil, err
	}
	a.finish()
	return a.report, nil
}

func (a *audit) run(ctx context.Context) error {
	var made []string
	for _, name := range a.options.Vary {
		if err := a.builder.Check(ctx, name); err != nil {
			a.notMade[name] = err.Error()
		} else {
			made = append(made, name)
		}
	}
	a.planned = a.options.Repeat + 2
	base, err := a.build(ctx, "the build that all others are compared with", bazelrun.Request{})
	switch {
	case err != nil:
		return err
	case base.Failed != "":
		return errcode.BazelFailed.Errorf("the build fails:\n%s", base.Failed)
	case len(base.Log.Spawns) == 0:
		return errcode.NothingExecuted.Errorf("%s: nothing was executed to build it; name a target that an action makes", strings.Join(a.options.Targets, " "))
	}
	a.builder.BaseStrategy(base.Build)
	for i := range a.options.Repeat {
		b, err := a.build(ctx, fmt.Sprintf("without variations, again (%d of %d)", i+1, a.options.Repeat), bazelrun.Request{})
		if err != nil {
			return err
		}
		if b.Failed != "" {
			return errcode.BuildUnstable.Errorf("the build fails now and then:\n%s", b.Failed)
		}
	}
	main, other := a.groups(made)
	for _, group := range [][]string{main, other} {
		if len(group) == 0 {
			continue
		}
		b, err := a.group(ctx, group)
		if err != nil {
			return err
		}
		if b != nil {
			if err := a.observe(b); err != nil {
				return err
			}
			if err := a.resolve(ctx, b); err != nil {
				return err
			}
		}
	}
	return a.resolvePlain(ctx)
}

// groups splits variations in those that one build can make at once, and those that it
// cannot: it runs actions here.
func (a *audit) groups(made []string) (main, other []string) {
	for _, name := range made {
		switch {
		case name == bazelrun.Tools && a.base.Seen[name] == "none":
			a.notMade[name] = "the build compiles no tool: all are prebuilt or sources"
		case name == bazelrun.Tools, name == bazelrun.Remote:
			other = append(other, name)
		default:
			main = append(main, name)
		}
	}
	return main, other
}

// group builds with a group of variations. One that makes the build fail is reported and
// left out. The result is nil if nothing is left.
func (a *audit) group(ctx context.Context, group []string) (*built, error) {
	for {
		// Another output base has its own repositories, fetched under these conditions.
		refetch := !slices.Contains(group, bazelrun.OutputBase) && !slices.Contains(group, bazelrun.Tools) && !slices.Contains(group, bazelrun.Remote)
		b, err := a.build(ctx, "all at once: "+strings.Join(group, ", "), bazelrun.Request{Vary: group, Refetch: refetch})
		if err != nil || b.Failed == "" {
			return b, err
		}
		causes, err := minimize(group, func(names []string) (bool, error) {
			b, err := a.build(ctx, "why the build fails: "+strings.Join(names, ", "), bazelrun.Request{Vary: names})
			return b != nil && b.Failed != "", err
		})
		if err != nil {
			return nil, err
		}
		failed := a.byVary[key(causes)]
		if failed == nil || failed.Failed == "" {
			failed = b
		}
		a.report.Findings = append(a.report.Findings, Finding{
			Kind: Failure, Causes: causes, Verdict: "the build fails", Differs: 1, Builds: 1,
			Files: []FileDifference{{Lines: strings.Split(failed.Failed, "\n")}},
		})
		group = slices.DeleteFunc(slices.Clone(group), func(name string) bool { return slices.Contains(causes, name) })
		if len(group) == 0 {
			return nil, nil
		}
	}
}

// observe notes which variations an action saw in a build.
func (a *audit) observe(b *built) error {
	for _, name := range b.vary {
		a.seen[name] = b.Seen[name]
		if b.Seen[name] == a.base.Seen[name] {
			a.notMade[name] = "it has no effect here: an action sees " + b.Seen[name] + " with it and without"
		}
	}
	return nil
}

func key(names []string) string {
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	return strings.Join(sorted, ",")
}

// build builds, compares the result with the first build, and reports progress.
func (a *audit) build(ctx context.Context, purpose string, request bazelrun.Request) (*built, error) {
	request.Refetch = request.Refetch || a.refetch && len(request.Vary) > 0
	number := len(a.report.Builds) + 1
	if number == 1 {
		a.progress("build 1 of %d if nothing differs: %s", a.planned, purpose)
	} else {
		a.planned = max(a.planned, 1)
		a.progress("build %d of about %d, %s left: %s", number, number+a.planned-1, left(a.mean()*time.Duration(a.planned)), purpose)
	}
	a.planned--
	last := time.Now()
	request.Progress = func(done, all int) {
		if time.Since(last) > 10*time.Second {
			last = time.Now()
			a.progress("  %d of %d actions", done, all)
		}
	}
	run, err := a.builder.Run(ctx, request)
	if err != nil {
		return nil, err
	}
	a.elapsed += run.Elapsed
	b := &built{Build: run, vary: request.Vary, index: index(run.Log), comparison: &comparison{}}
	info := BuildInfo{
		Number: number, Purpose: purpose, Vary: slices.Clone(request.Vary), Stopped: request.Stopped != 0, Failed: run.Failed != "",
		Seconds: run.Elapsed.Seconds(), Actions: len(run.Log.Spawns),
	}
	switch {
	case a.base == nil:
		a.base = b
	case request.Stopped != 0 && run.Failed == "":
	default:
		a.all = append(a.all, b)
		a.byVary[key(request.Vary)] = b
		if run.Failed != "" {
			break
		}
		b.comparison = compareBuilds(a.base.index, b.index, slices.Contains(request.Vary, bazelrun.Tools))
		b.compareWritten(a.base.Written, b.Written, slices.Contains(request.Vary, bazelrun.Tools))
		info.Differs = len(b.divergences) + b.followers
		if len(request.Vary) == 0 {
			a.plain = append(a.plain, b)
		} else {
			// Logs are large, and there may be many builds.
			b.index, b.Log = nil, nil
		}
	}
	result := "equal"
	switch {
	case run.Failed != "":
		result = "it fails"
	case info.Differs > 0:
		result = fmt.Sprintf("%d of %d actions differ", info.Differs, info.Actions)
	case number == 1:
		result = count(info.Actions, "action")
	}
	a.progress("  %s: %s", left(run.Elapsed), result)
	if info.Differs == 0 && number > 1 {
		run.Discard()
	}
	a.report.Builds = append(a.report.Builds, info)
	return b, nil
}

func (a *audit) progress(format string, args ...any) {
	if a.options.Progress != nil {
		a.options.Progress(fmt.Sprintf(format, args...))
	}
}

func (a *audit) mean() time.Duration {
	return a.elapsed / time.Duration(max(len(a.report.Builds), 1))
}

func left(d time.Duration) string { return d.Round(time.Second).String() }

// errNoResult says that a build ended in a way that tells nothing.
var errNoResult = errors.New("no result")
