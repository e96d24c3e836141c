package remote

import (
	"bytes"
	"slices"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
)

// TestWorker builds the small object on Bazel's own worker, and compares it with the local one.
func TestWorker(t *testing.T) {
	b := bed.NewWorker(t)
	c := bed.NewWorkspace(t).Client(t)
	local := c.Build(t, []string{"--disk_cache="}, small).MustSucceed(t)
	if got := local.Runners(); got["linux-sandbox"] != len(smallActions) {
		t.Fatalf("runners: got %v, want all %d in the sandbox", got, len(smallActions))
	}
	want := c.Output(t, smallFile)
	for _, runner := range []string{bed.Remote, bed.CacheHit} {
		c.Clean(t)
		build := c.Build(t, b.Flags(), small).MustSucceed(t)
		if got := build.Names(); !slices.Equal(got, smallActions) || build.Runners()[runner] != len(got) {
			t.Errorf("got actions %q, %v, want %q, all %q", got, build.Runners(), smallActions, runner)
		}
		if !bytes.Equal(c.Output(t, smallFile), want) {
			t.Errorf("%s: hyp.o differs from that of the local build", runner)
		}
	}
}
