// SPDX-License-Identifier: Apache-2.0

package explain_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	. "github.com/rules-hyp/rules_hyp/internal/execlog/execlogtest"
	"github.com/rules-hyp/rules_hyp/internal/explain"
)

// TestCopies has an input that is a copy of another action's output: in the runfiles of
// a tool, and by a symlink action that a JSON log does not have.
func TestCopies(t *testing.T) {
	log := func(source string) []Spawn {
		tool := File{Path: out + "tool", Content: "tool of " + source}
		copied := tool
		copied.Path = out + "run.runfiles/_main/tool"
		return []Spawn{
			{Spawn: execlog.Spawn{Args: []string{"cc"}, Mnemonic: "Compile"}, In: &Set{Files: []File{{Path: "tool.c", Content: source}}}, Out: []File{tool}},
			{Spawn: execlog.Spawn{Args: []string{"run"}, Mnemonic: "Run"}, In: &Set{Files: []File{copied}}, Out: []File{{Path: out + "result", Content: "by " + source}}},
		}
	}
	r := compare(t, log("old"), log("new"))
	if len(r.Causes) != 1 || r.Causes[0].Affected != 2 || r.Causes[0].Changes[0].Name != "tool.c" || len(r.Causes[0].Chain) != 2 {
		t.Errorf("%+v", r.Causes)
	}
}

// TestSymlinkAction has a symlink to a source file, which both actions read by
// different names and contents.
func TestSymlinkAction(t *testing.T) {
	write := func(content string) []byte {
		e := NewEntries()
		e.Raw(Message(8, Text(1, "real.h"), Text(2, out+"virtual/real.h"), Text(4, "Symlink")))
		e.Spawn(&Spawn{Spawn: execlog.Spawn{Args: []string{"cc"}, Mnemonic: "C"}, In: &Set{Files: []File{{Path: out + "virtual/real.h", Content: content}}}, Out: []File{{Path: out + "o", Content: content}}})
		return e.Pack()
	}
	r, err := explain.Logs(read(t, "a", write("1")), read(t, "b", write("2")))
	if err != nil {
		t.Fatal(err)
	}
	if have := names(r); !slices.Equal(have, []string{"real.h"}) || r.Causes[0].Changes[0].From != "source" {
		t.Errorf("%+v", r.Causes)
	}
}

// TestCycle has two actions that need each other's output, which no build has: they
// are reported all the same.
func TestCycle(t *testing.T) {
	log := func(x string) []Spawn {
		a, b := File{Path: out + "a", Content: x}, File{Path: out + "b", Content: x}
		return []Spawn{
			{Spawn: execlog.Spawn{Args: []string{"a"}}, In: &Set{Files: []File{b}}, Out: []File{a}},
			{Spawn: execlog.Spawn{Args: []string{"b"}}, In: &Set{Files: []File{a}}, Out: []File{b}},
		}
	}
	if r := compare(t, log("1"), log("2")); len(r.Causes) != 2 || r.Changed != 2 {
		t.Errorf("%+v", r)
	}
}

// TestDigest has actions whose digests say what the logs do not: that the key is the
// same, or not.
func TestDigest(t *testing.T) {
	log := func(flag, digest string) []Spawn {
		return []Spawn{{Spawn: execlog.Spawn{Args: []string{"a", flag}, Digest: digest, DigestSize: 1}, Out: []File{{Path: "o", Content: "o"}}}}
	}
	if r := compare(t, log("-x", "1"), log("-x", "2")); len(r.Causes) != 1 || r.Causes[0].Changes[0].Kind != explain.Unknown {
		t.Errorf("another digest only: %+v", r.Causes)
	}
	if r := compare(t, log("-x", "1"), log("-y", "1")); r.Different {
		t.Errorf("the same digest: %+v", r.Causes)
	}
	if r := compare(t, log("-x", ""), log("-x", "2")); r.Different {
		t.Errorf("a digest in one log: %+v", r.Causes)
	}
}

// TestReruns has actions that were executed again though their keys are the same.
func TestReruns(t *testing.T) {
	spawn := func(name string) Spawn {
		return Spawn{Spawn: execlog.Spawn{Args: []string{name}, Label: name, Cacheable: true, RemoteCacheable: true, Digest: "1", Runner: "remote"}, Out: []File{{Path: name, Content: name}}}
	}
	before := []Spawn{spawn("hit"), spawn("uncacheable"), spawn("local"), spawn("lost"), spawn("missed"), spawn("failed"), spawn("nocache")}
	after := Clone(before)
	after[0].CacheHit = true
	after[1].Cacheable, before[1].Cacheable = false, false
	after[2].RemoteCacheable, before[2].RemoteCacheable, after[2].Runner = false, false, "linux-sandbox"
	before[3].CacheHit = true
	before[5].ExitCode = 1
	after[6].Digest, before[6].Digest = "", ""
	r := compare(t, before, after)
	var have []string
	for _, g := range r.Reruns {
		have = append(have, g.Actions[0].Label+": "+g.Reason)
	}
	for i, want := range []string{"uncacheable: may not be cached", "local: may not be cached remotely", "lost: a cache had the result for the first build", "missed: no cache had the result", "failed: failed in the first build", "nocache: no disk or remote cache was in use"} {
		if i >= len(have) || !strings.HasPrefix(have[i], want) {
			t.Errorf("%q, want %q as number %d", have, want, i)
		}
	}
	if len(r.Causes) != 1 || r.Causes[0].Changes[0].Kind != explain.Failure {
		t.Errorf("%+v", r.Causes)
	}
}

// TestAttempts has several spawns with the same outputs, as attempts of a test, whose
// log is expected to differ.
func TestAttempts(t *testing.T) {
	log := func(attempts int, text string) (list []Spawn) {
		for range attempts {
			list = append(list, Spawn{Spawn: execlog.Spawn{Args: []string{"test"}, Mnemonic: "TestRunner", Label: "//t"}, Out: []File{{Path: "test.log", Content: text}}})
		}
		return list
	}
	if r := compare(t, log(2, "1 s"), log(2, "2 s")); r.Different || r.Common != 2 {
		t.Errorf("%+v", r)
	}
	if r := compare(t, log(1, "1 s"), log(3, "2 s")); !r.Different || r.Common != 1 || r.Only[0].Count != 2 {
		t.Errorf("%+v", r)
	}
}

// TestLimits has more causes than are shown, a long chain and long values.
func TestLimits(t *testing.T) {
	b := &build{sources: map[string]string{"s": "1"}}
	last := "s"
	for i := range 30 {
		a := action{mnemonic: "Step", label: "//s", args: []string{"cp"}, in: []string{last}, out: out + strings.Repeat("x", i+1)}
		b.actions = append(b.actions, a)
		last = a.out
	}
	before := b.run()
	b.sources["s"] = "2"
	for i := range b.actions[:5] {
		b.actions[i].args = []string{"cp", strings.Repeat("y", 1000+i)}
	}
	var text strings.Builder
	r := compare(t, before, b.run())
	if err := r.WriteText(writer(&text), 2); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text.String(), "\n")
	if len(lines) > 40 || !strings.Contains(text.String(), "… 18 more actions") || !strings.Contains(text.String(), "--causes=-1 lists all") {
		t.Errorf("%d lines\n%s", len(lines), text.String())
	}
	for _, line := range lines {
		if len(line) > 400 {
			t.Errorf("%d bytes: %s", len(line), line)
		}
	}
}
