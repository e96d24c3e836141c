// SPDX-License-Identifier: Apache-2.0

package rebuild_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/bazelrun"
	"github.com/rules-hyp/rules_hyp/internal/rebuild"
)

// TestEqual has no fault: ten times in a row nothing is reported, with four builds at
// most.
func TestEqual(t *testing.T) {
	for range 10 {
		f := &fake{actions: []fakeAction{{name: "tool", tool: true}, {name: "a", inputs: []string{"tool"}}, {name: "b", inputs: []string{"a"}}}}
		r := f.audit(t, rebuild.Options{})
		if !r.Equal || len(r.Findings) != 0 || len(r.Builds) != 4 || r.Actions != 3 {
			t.Fatalf("equal: %v, %d builds of %d actions, findings %+v", r.Equal, len(r.Builds), r.Actions, r.Findings)
		}
	}
}

// TestPrebuilt bounds the builds with prebuilt tools and all variations.
func TestPrebuilt(t *testing.T) {
	f := &fake{actions: []fakeAction{{name: "a"}, {name: "b", inputs: []string{"a"}}}}
	if r := f.audit(t, rebuild.Options{}); !r.Equal || f.builds != 3 {
		t.Errorf("equal: %v in %d builds, want 3", r.Equal, f.builds)
	}
}

// TestCauses has one fault at a time.
func TestCauses(t *testing.T) {
	for _, name := range bazelrun.Names() {
		if name == bazelrun.Tools || name == bazelrun.Remote {
			continue
		}
		f := &fake{actions: []fakeAction{{name: "sound"}, {name: "a", output: when(name)}, {name: "b", inputs: []string{"a"}}}}
		r := f.audit(t, rebuild.Options{})
		if len(r.Findings) != 1 || r.Findings[0].Action.Label != "//:a" || !slices.Equal(r.Findings[0].Causes, []string{name}) || r.Equal {
			t.Errorf("%s: got %+v", name, r.Findings)
		}
		if f.builds > 15 || r.Hidden != 1 {
			t.Errorf("%s: %d builds, want 15 at most; %d actions follow, want 1", name, f.builds, r.Hidden)
		}
	}
}

// TestOtherGroup has faults that show in the second group of variations only.
func TestOtherGroup(t *testing.T) {
	f := &fake{
		actions:    []fakeAction{{name: "tool", tool: true}, {name: "a", inputs: []string{"tool"}, output: when(bazelrun.Tools)}, {name: "b", output: when(bazelrun.Remote)}},
		impossible: map[string]string{"none": "none"},
	}
	r := f.audit(t, rebuild.Options{})
	if len(r.Findings) != 2 || !slices.Equal(r.Findings[0].Causes, []string{bazelrun.Tools}) || !slices.Equal(r.Findings[1].Causes, []string{bazelrun.Remote}) {
		t.Errorf("got %+v", r.Findings)
	}
}

// TestManyCauses has a fault for each variation at once.
func TestManyCauses(t *testing.T) {
	f := &fake{}
	for _, name := range bazelrun.Names()[:15] {
		f.actions = append(f.actions, fakeAction{name: name, output: when(name)})
	}
	r := f.audit(t, rebuild.Options{})
	if len(r.Findings) != 15 || f.builds > 20 {
		t.Errorf("%d findings in %d builds, want 15 in 20 at most", len(r.Findings), f.builds)
	}
	for _, found := range r.Findings {
		if !slices.Equal(found.Causes, []string{found.Action.Label[3:]}) {
			t.Errorf("got %+v", found)
		}
	}
}

// TestTogether has a fault that needs two variations, and one that has two causes.
func TestTogether(t *testing.T) {
	f := &fake{actions: []fakeAction{{name: "a", output: when(bazelrun.User, bazelrun.TimeStamps)}}}
	r := f.audit(t, rebuild.Options{})
	if len(r.Findings) != 1 || !slices.Equal(r.Findings[0].Causes, []string{bazelrun.User, bazelrun.TimeStamps}) || !strings.Contains(r.Findings[0].Verdict, "together") {
		t.Errorf("got %+v", r.Findings)
	}
}

// TestClock has an output with the time in it, one that is random, and one that takes
// turns.
func TestClock(t *testing.T) {
	f := &fake{
		random: rand.New(rand.NewPCG(1, 2)),
		actions: []fakeAction{
			{name: "time", output: clock},
			{name: "random", output: func(b *fakeBuild) string { return fmt.Sprint(b.random.Uint64()) }},
			{name: "turns", output: func(b *fakeBuild) string { return fmt.Sprint(b.number % 2) }},
		},
	}
	r := f.audit(t, rebuild.Options{})
	want := map[string][]string{"//:time": {bazelrun.Date}, "//:random": {}, "//:turns": {}}
	if len(r.Findings) != len(want) {
		t.Fatalf("got %+v", r.Findings)
	}
	for _, found := range r.Findings {
		if !slices.Equal(found.Causes, want[found.Action.Label]) {
			t.Errorf("got %+v", found)
		}
	}
}

// TestRace has an action that makes something else in one build of ten. Whenever it is
// noticed, no variation is blamed; with twenty builds it is noticed nearly always.
func TestRace(t *testing.T) {
	found, blamed := 0, 0
	const audits = 60
	for seed := range uint64(audits) {
		f := &fake{
			random: rand.New(rand.NewPCG(seed, 1)),
			actions: []fakeAction{{name: "race", output: func(b *fakeBuild) string {
				if b.random.IntN(10) == 0 {
					return "other"
				}
				return "usual"
			}}},
		}
		r := f.audit(t, rebuild.Options{Repeat: 20})
		if len(r.Findings) > 0 {
			found++
			if len(r.Findings[0].Causes) > 0 {
				blamed++
			}
		}
	}
	// 1 - 0.9^22, but for builds that all differ from the first one in the same way.
	if found < audits*8/10 || blamed > 0 {
		t.Errorf("found in %d of %d audits, and a variation blamed in %d", found, audits, blamed)
	}
}

// TestExternal has a file that no action makes.
func TestExternal(t *testing.T) {
	f := &fake{actions: []fakeAction{
		{name: "external/gcc/cc1", output: when(bazelrun.HostName)},
		{name: "a", inputs: []string{"external/gcc/cc1"}},
		{name: "b", inputs: []string{"external/gcc/cc1"}},
		{name: "c", inputs: []string{"a", "b"}},
	}}
	r := f.audit(t, rebuild.Options{})
	if len(r.Findings) != 1 || r.Findings[0].Kind != rebuild.Input || !slices.Equal(r.Findings[0].Inputs, []string{"external/gcc/cc1"}) ||
		r.Findings[0].More != 1 || !slices.Equal(r.Findings[0].Causes, []string{bazelrun.HostName}) {
		t.Errorf("got %+v", r.Findings)
	}
	if last := f.requests[len(f.requests)-1]; !last.Refetch {
		t.Error("repositories were not fetched again")
	}
}

// TestWritten has a file that Bazel writes itself, and one that an action reads.
func TestWritten(t *testing.T) {
	f := &fake{actions: []fakeAction{{name: "a"}}, written: []string{"file"}}
	r := f.audit(t, rebuild.Options{})
	if len(r.Findings) != 1 || r.Findings[0].Kind != rebuild.Written || !strings.HasSuffix(r.Findings[0].Action.Output, "/file") ||
		!slices.Equal(r.Findings[0].Causes, []string{bazelrun.User}) {
		t.Errorf("got %+v", r.Findings)
	}
}

// TestFailure has a build that fails with a variation: that is reported, and the others
// are still made.
func TestFailure(t *testing.T) {
	f := &fake{
		fails:   func(vary []string) bool { return slices.Contains(vary, bazelrun.Umask) },
		actions: []fakeAction{{name: "a", output: when(bazelrun.Locale)}},
	}
	r := f.audit(t, rebuild.Options{})
	if len(r.Findings) != 2 || r.Findings[0].Kind != rebuild.Failure || !slices.Equal(r.Findings[0].Causes, []string{bazelrun.Umask}) ||
		!slices.Equal(r.Findings[1].Causes, []string{bazelrun.Locale}) {
		t.Errorf("got %+v", r.Findings)
	}
}

// TestNotMade has variations that cannot be made, or that no action sees.
func TestNotMade(t *testing.T) {
	f := &fake{
		actions: []fakeAction{{name: "a"}}, ignored: []string{bazelrun.Umask},
		impossible: map[string]string{bazelrun.HostName: "no namespaces", bazelrun.Remote: "no executor"},
	}
	r := f.audit(t, rebuild.Options{})
	want := map[string]string{bazelrun.HostName: "no namespaces", bazelrun.Remote: "no executor", bazelrun.Umask: "no effect", bazelrun.Tools: "compiles no tool"}
	for _, v := range r.Variations {
		if why := want[v.Name]; v.Made != (why == "") || !strings.Contains(v.Reason, why) {
			t.Errorf("%s: made: %v, %q; want %q", v.Name, v.Made, v.Reason, why)
		}
	}
	if len(r.Variations) != len(bazelrun.Variations) {
		t.Errorf("%d variations, want %d", len(r.Variations), len(bazelrun.Variations))
	}
	for _, request := range f.requests {
		if slices.Contains(request.Vary, bazelrun.HostName) {
			t.Error("a variation that cannot be made was tried")
		}
	}
}

func TestAccepted(t *testing.T) {
	actions := []fakeAction{{name: "a", output: when(bazelrun.Date)}}
	for _, test := range []struct {
		entry rebuild.Accepted
		equal bool
		stale int
	}{
		{rebuild.Accepted{Label: "//:a", Cause: bazelrun.Date, Reason: "known"}, true, 0},
		{rebuild.Accepted{Output: "bin/a", Reason: "known"}, true, 0},
		{rebuild.Accepted{Label: "//:a", Cause: bazelrun.Umask, Reason: "known"}, false, 1},
		{rebuild.Accepted{Label: "//:gone", Reason: "known"}, false, 1},
	} {
		f := &fake{actions: actions}
		r := f.audit(t, rebuild.Options{Accepted: []rebuild.Accepted{test.entry}})
		if r.Equal != test.equal || len(r.Stale) != test.stale {
			t.Errorf("%+v: equal: %v, stale: %+v", test.entry, r.Equal, r.Stale)
		}
	}
	// One that is no longer there is an error, though everything is equal.
	f := &fake{actions: []fakeAction{{name: "a"}}}
	if r := f.audit(t, rebuild.Options{Accepted: []rebuild.Accepted{{Label: "//:a", Reason: "known"}}}); r.Equal {
		t.Error("an entry that applies to nothing was not noticed")
	}
}

func TestParseAccepted(t *testing.T) {
	for text, want := range map[string]string{
		`{"schema": 1, "accepted": [{"label": "//:a", "reason": "known"}]}`: "",
		`{"schema": 2}`: "schema: got 2",
		`{"schema": 1, "accepted": [{"label": "//:a"}]}`:                                     "has no reason",
		`{"schema": 1, "accepted": [{"reason": "known"}]}`:                                   "fits any action",
		`{"schema": 1, "accepted": [{"label": "//:a", "cause": "moon", "reason": "known"}]}`: "cause: got \"moon\"",
		`{"schema": 1, "accepted": [{"label": "//:a", "reasons": "known"}]}`:                 "unknown field",
		`{"schema": 1} {}`: "after the object",
		`[`:                "no list of accepted differences",
	} {
		_, err := rebuild.ParseAccepted("list.json", []byte(text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
