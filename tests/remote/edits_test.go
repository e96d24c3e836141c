// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"slices"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
)

// edits builds after a change of one file: what depends on it runs, and nothing else.
func (s *suite) edits(t *testing.T) {
	for _, test := range []struct {
		name, path, old, new string
		want                 []string
	}{
		{"a source", "name.c", "el2 example", "another example", sorted(laterStages, "HypCompile name.hyp.o")},
		{"a header of one source", "percpu.h", "tpidr_el2\" :", "tpidr_el1\" :", sorted(laterStages, "HypCompile trap.hyp.o")},
		{
			"a header of all sources", "calls.h", "EL2_CALLS 3", "EL2_CALLS 4",
			sorted(laterStages, "HypCompile entry.hyp.o", "HypCompile name.hyp.o", "HypCompile trap.hyp.o"),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.mustBuild(t, s.bed.Flags())
			s.client.Workspace.Edit(t, "examples/el2/"+test.path, bed.Replace(test.old, test.new))
			build := s.client.Build(t, s.bed.Flags(), small).MustSucceed(t)
			if got := build.Names(); !slices.Equal(got, test.want) || build.Runners()[bed.Remote] != len(got) {
				t.Errorf("got actions %q, %v, want %q, all remote", got, build.Runners(), test.want)
			}
		})
	}
	s.mustBuild(t, s.bed.Flags())
}

// undeclaredFile is the proof that a server sees what it is for: a rule that forgets to declare an input works without a sandbox and fails there. The
// workspace is a copy, and so the rule is one.
func (s *suite) undeclaredFile(t *testing.T) {
	s.client.Workspace.Edit(t, "rules/private/compile.bzl", bed.Replace(
		"transitive = [toolchain.all_files, cc_info.compilation_context.headers]",
		"transitive = [toolchain.all_files]"))
	s.client.Clean(t)
	local := []string{"--spawn_strategy=local", "--disk_cache="}
	build := s.mustBuild(t, local)
	if got := build.Runners(); got["local"] != len(smallActions) {
		t.Errorf("runners: got %v, want all %d local", got, len(smallActions))
	}
	s.client.Clean(t)
	// The script has a header as well: without --keep_going, which of the actions fails first is chance.
	s.mustFail(t, append(s.flags(), "--keep_going"), buildFailed, "calls.h", "sections.h", "No such file")
}
