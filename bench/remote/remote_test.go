// SPDX-License-Identifier: Apache-2.0

// Package remote measures what a build of the kernel's object costs a remote execution server and the network.
//
//	bazel test --test_output=all //bench/remote
//
// prints the table of docs/remote.md. It is no test of //tests/remote/..., since it measures; what must not change, other tests require.
package remote

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
	"github.com/rules-hyp/rules_hyp/tests/remote/engine"
	"github.com/rules-hyp/rules_hyp/tests/remote/proxy"
)

const (
	kernel = "//arch/arm64/kvm/hyp:hyp_o"
	source = "arch/arm64/kvm/hyp/nvhe/mm.c"
	object = "HypCompile mm.nvhe.o"

	// rounds is the number of measurements of a time, of which the median counts.
	rounds = 5
)

// row is a line of the table.
type row struct {
	name    string
	ran     int // actions that ran
	found   int // results that were in the cache
	traffic proxy.Traffic
	elapsed time.Duration
}

// sizing is a workspace, a server, and what was measured.
type sizing struct {
	bed    *bed.Bed
	client *bed.Client
	rows   []row
	edits  int
	more   []string // flags
}

func (s *sizing) flags() []string {
	return append([]string{"--config=remote", "--remote_executor=" + s.bed.Proxy.Endpoint()}, s.more...)
}

// phases says where the time of a build goes, after a preparation.
func (s *sizing) phases(t *testing.T, name string, prepare func()) string {
	t.Helper()
	profile := filepath.Join(t.TempDir(), "profile.gz")
	prepare()
	s.client.Build(t, append(s.flags(), "--profile="+profile), kernel).MustSucceed(t)
	return "\nPhases of " + name + ":\n\n" + s.client.Run(t, "analyze-profile", profile)
}

// measure builds the object several times, each after a preparation, and adds a row: the median of the times, the rest from the last build.
func (s *sizing) measure(t *testing.T, name string, builds int, prepare func()) *bed.Build {
	t.Helper()
	r := row{name: name}
	var last *bed.Build
	var times []time.Duration
	for range builds {
		prepare()
		s.bed.Proxy.Reset()
		last = s.client.Build(t, s.flags(), kernel).MustSucceed(t)
		times = append(times, last.Elapsed)
	}
	slices.Sort(times)
	r.elapsed, r.traffic = times[len(times)/2], s.bed.Proxy.Traffic()
	r.ran, r.found = last.Runners()[bed.Remote], last.Runners()[bed.CacheHit]
	s.rows = append(s.rows, r)
	return last
}

// edit adds a function to a source of the kernel. A comment would only compile again: the object stays the same.
func (s *sizing) edit(t *testing.T) {
	t.Helper()
	s.edits++
	base := strings.TrimSpace(s.client.Run(t, "info", "output_base"))
	found, err := filepath.Glob(filepath.Join(base, "external", "*linux", source))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: got %q, want one file in the kernel's repository (%v)", source, found, err)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(found[0], 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(found[0], append(data, fmt.Sprintf("int hyp_edit_%[1]d(void);\nint hyp_edit_%[1]d(void) { return %[1]d; }\n", s.edits)...), 0o644); err != nil {
		t.Fatal(err)
	}
}

// local is the median time of builds in the sandbox of this machine after one edit.
func (s *sizing) local(t *testing.T) time.Duration {
	t.Helper()
	flags := []string{"--spawn_strategy=linux-sandbox", "--disk_cache="}
	s.client.Build(t, flags, kernel).MustSucceed(t)
	var times []time.Duration
	for range rounds {
		s.edit(t)
		times = append(times, s.client.Build(t, flags, kernel).MustSucceed(t).Elapsed)
	}
	slices.Sort(times)
	return times[rounds/2]
}

// fetch makes the client fetch repositories, which is no part of a build's time.
func (s *sizing) fetch(t *testing.T) {
	t.Helper()
	s.client.Run(t, "build", "--nobuild", "--config=remote", kernel)
}

func nothing() {}

func TestPrebuilt(t *testing.T) {
	w := bed.NewWorkspace(t)
	s := &sizing{bed: bed.New(t, engine.BuildBoxOptions{}), client: w.Client(t)}
	first := s.builds(t)

	other := &sizing{bed: s.bed, client: bed.NewWorkspace(t).Client(t)}
	other.fetch(t)
	other.measure(t, "another client", 1, nothing)
	phases := s.phases(t, "a build after `clean`", func() { s.client.Clean(t) })
	phases += s.phases(t, "one edited source", func() { s.edit(t) })
	local := s.local(t)

	text := table(append(s.rows, other.rows...)) + inputs(t, first) + phases + fmt.Sprintf("\nOne edited source, in the sandbox of this machine: %s\n", seconds(local))
	report(t, "prebuilt", text)
}

func TestWorker(t *testing.T) {
	s := &sizing{bed: bed.NewWorker(t), client: bed.NewWorkspace(t).Client(t)}
	first := s.builds(t)
	local := s.local(t)
	report(t, "prebuilt, Bazel's own worker", table(s.rows)+inputs(t, first)+fmt.Sprintf("\nOne edited source, in the sandbox of this machine: %s\n", seconds(local)))
}

func TestSource(t *testing.T) {
	w := bed.SourceWorkspace(t)
	s := &sizing{bed: bed.New(t, bed.Shell(t)), client: w.Client(t), more: w.ShellForGo(t)}
	first := s.builds(t)
	report(t, "source", table(s.rows)+inputs(t, first))
}

// builds measures the builds of one client, and returns the first.
func (s *sizing) builds(t *testing.T) *bed.Build {
	t.Helper()
	s.fetch(t)
	first := s.measure(t, "first build", 1, nothing)
	s.measure(t, "after `clean`", rounds, func() { s.client.Clean(t) })
	s.measure(t, "nothing changed", rounds, nothing)
	s.measure(t, "one edited source", rounds, func() { s.edit(t) })
	return first
}

// table is the rows in Markdown.
func table(rows []row) string {
	var out strings.Builder
	out.WriteString("| build | actions run | hits | calls | up | down | blobs up | time |\n|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		total := r.traffic.Total()
		fmt.Fprintf(&out, "| %s | %d | %d | %d | %s | %s | %d | %s |\n",
			r.name, r.ran, r.found, total.Calls, megabytes(total.Up), megabytes(total.Down), r.traffic.Methods[proxy.Write].Calls, seconds(r.elapsed))
	}
	out.WriteString("\nCalls of the last build of each row:\n\n")
	for _, r := range rows {
		fmt.Fprintf(&out, "- %s:", r.name)
		var methods []string
		for method := range r.traffic.Methods {
			methods = append(methods, method)
		}
		slices.Sort(methods)
		for _, method := range methods {
			c := r.traffic.Methods[method]
			fmt.Fprintf(&out, " %s %d (%d up, %d down),", method[strings.LastIndex(method, "/")+1:], c.Calls, c.Up, c.Down)
		}
		out.WriteString("\n")
	}
	return out.String()
}

// inputs describes the inputs of the build's actions.
func inputs(t *testing.T, build *bed.Build) string {
	t.Helper()
	all := map[string]bool{}
	most, compile := 0, 0
	for _, spawn := range build.Spawns {
		for _, input := range spawn.Inputs {
			all[input] = true
		}
		if spawn.Mnemonic == "HypCompile" {
			most = max(most, len(spawn.Inputs))
		}
		if spawn.Name() == object {
			compile = len(spawn.Inputs)
		}
	}
	if compile == 0 {
		t.Errorf("got actions %q, want %s", build.Names(), object)
	}
	return fmt.Sprintf("\nInputs: %d files in all, %d of the compile of mm.c, at most %d of a compile\n", len(all), compile, most)
}

func megabytes(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// report prints text for people.
func report(t *testing.T, name, text string) {
	t.Helper()
	fmt.Printf("## %s\n\n%s\n", name, text)
}
