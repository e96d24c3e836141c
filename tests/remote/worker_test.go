// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// TestSource builds the small object and the programs for it, which need a shell. The rules' own actions get none.
func TestSource(t *testing.T) {
	b := bed.New(t, bed.Shell(t))
	w := bed.SourceWorkspace(t)
	c := w.Client(t)
	build := c.Build(t, append(b.Flags(), w.ShellForGo(t)...), small).MustSucceed(t)
	got := map[string]int{}
	for _, spawn := range build.Spawns {
		if spawn.Runner != bed.Remote {
			t.Errorf("%s: runner is %q, want %q", spawn.Name(), spawn.Runner, bed.Remote)
		}
		own, shell := strings.HasPrefix(spawn.Mnemonic, "Hyp"), spawn.Properties["inject"] == "shell"
		if own == shell {
			t.Errorf("%s: got properties %v, want a shell for Go's actions only", spawn.Name(), spawn.Properties)
		}
		if own {
			got["own"]++
		} else {
			got["go"]++
		}
	}
	if got["own"] != len(smallActions) || got["go"] == 0 {
		t.Errorf("got %v actions, want %d of the rules and some of Go", got, len(smallActions))
	}
	want, err := os.ReadFile(filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("SMALL")))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(c.Output(t, smallFile), want) {
		t.Error("hyp.o differs from that of the local build")
	}
}
