// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
	"github.com/rules-hyp/rules_hyp/tests/remote/engine"
	"github.com/rules-hyp/rules_hyp/tests/remote/proxy"
)

const (
	small     = "//examples/el2:modern"
	smallFile = "examples/el2/modern/hyp.o"
)

// Exit codes of Bazel.
const (
	buildFailed = 1
	remoteError = 34
)

// laterStages are the actions after the compiler.
var laterStages = []string{
	"HypCheck check.stamp",
	"HypPartialLink partial.o",
	"HypPrefix hyp.o",
	"HypRelocations relocated.o",
}

// smallActions are the actions of the small object.
var smallActions = sorted(laterStages,
	"HypCompile entry.hyp.o",
	"HypCompile name.hyp.o",
	"HypCompile trap.hyp.o",
	"HypLinkerScript hyp.lds",
)

func sorted(names []string, more ...string) []string {
	names = slices.Concat(names, more)
	slices.Sort(names)
	return names
}

// suite is what the tests of a small object share: one Bazel, one server.
type suite struct {
	bed    *bed.Bed
	client *bed.Client
	first  *bed.Build // with an empty cache
	want   []byte     // the object
}

// TestSmall builds an object of three sources while something is wrong or was changed.
func TestSmall(t *testing.T) {
	s := &suite{bed: bed.New(t, engine.BuildBoxOptions{}), client: bed.NewWorkspace(t).Client(t)}
	s.first = s.client.Build(t, s.bed.Flags(), small).MustSucceed(t)
	if got := s.first.Names(); !slices.Equal(got, smallActions) || s.first.Runners()[bed.Remote] != len(smallActions) {
		t.Fatalf("got actions %q, %v, want %q, all remote", got, s.first.Runners(), smallActions)
	}
	s.want = s.client.Output(t, smallFile)
	t.Run("edits", s.edits)
	t.Run("undeclared file", s.undeclaredFile)
	t.Run("faults", s.faults)
	t.Run("server killed", s.serverKilled)
	t.Run("slow link", s.slowLink)
	t.Run("wrong results", s.wrongResults)
	t.Run("trusted results", s.trustedResults)
	t.Run("damaged store", s.damagedStore)
}

// digest returns the digest of the only output of the first build whose path ends with a suffix.
func (s *suite) digest(t *testing.T, suffix string) proxy.Digest {
	t.Helper()
	found := s.first.Digests(suffix)
	if len(found) != 1 {
		t.Fatalf("%d outputs end with %s, want one", len(found), suffix)
	}
	return found[0]
}

// fresh makes all actions and sources of a test new to the server, and returns the flags of its builds. The object stays the same.
func (s *suite) fresh(t *testing.T) []string {
	t.Helper()
	s.client.Clean(t)
	for _, name := range []string{"trap.c", "name.c", "entry.S"} {
		s.client.Workspace.Edit(t, "examples/el2/"+name, bed.Append("/* "+t.Name()+" */\n"))
	}
	return append(s.flags(), "--remote_default_exec_properties=test="+t.Name())
}

// flags are those of a build with fewer and quicker attempts than Bazel's own five, which take a minute.
func (s *suite) flags() []string {
	return append(s.bed.Flags(), "--remote_retries=3", "--remote_retry_max_delay=200ms")
}

// checkObject fails the test if there is an object that is wrong, or none after a build that succeeded.
func (s *suite) checkObject(t *testing.T, build *bed.Build) {
	t.Helper()
	got, err := os.ReadFile(s.client.OutputPath(smallFile))
	switch {
	case err == nil && !bytes.Equal(got, s.want):
		t.Errorf("there is a wrong hyp.o of %d bytes; want the right one of %d bytes or none\n%s", len(got), len(s.want), build.Log)
	case err != nil && build.Code == 0:
		t.Error(err)
	}
}

// mustBuild builds the object, which must be right.
func (s *suite) mustBuild(t *testing.T, flags []string) *bed.Build {
	t.Helper()
	build := s.client.Build(t, flags, small).MustSucceed(t)
	s.checkObject(t, build)
	return build
}

// mustFail builds the object, which must fail with an exit code and words in Bazel's messages and leave no wrong object.
func (s *suite) mustFail(t *testing.T, flags []string, code int, words ...string) *bed.Build {
	t.Helper()
	build := s.client.Build(t, flags, small).MustFail(t, code, words...)
	s.checkObject(t, build)
	return build
}
