// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
	"github.com/rules-hyp/rules_hyp/tests/remote/engine"
	"github.com/rules-hyp/rules_hyp/tests/remote/proxy"
)

// TestKernel builds the kernel's object, from an empty cache and from a full one.
func TestKernel(t *testing.T) {
	local := localFiles(t)
	b := bed.New(t, engine.BuildBoxOptions{})
	c := bed.NewWorkspace(t).Client(t)
	objects := []string{"--output_groups=+objects"}

	// The workers' root directory is empty but for an action's inputs.
	first := c.Build(t, slices.Concat(b.Flags(), objects), kernel).MustSucceed(t)
	wantRunners(t, first, bed.Remote)
	for path, want := range local {
		if got := c.Output(t, path); !bytes.Equal(got, want) {
			t.Errorf("%s: differs from that of the local build", path)
		}
	}
	object := first.Digests("/hyp.o")
	if len(object) != 1 {
		t.Fatalf("got outputs %v, want one hyp.o", object)
	}
	// Bazel itself reads the lists of headers that no source includes.
	unused := first.Digests(".unused")

	// hits builds with a full cache and returns the blobs that came down, except for those lists.
	hits := func(t *testing.T, c *bed.Client, flags ...string) []proxy.Digest {
		t.Helper()
		b.Proxy.Reset()
		wantRunners(t, c.Build(t, slices.Concat(b.Flags(), flags), kernel).MustSucceed(t), bed.CacheHit)
		traffic := b.Proxy.Traffic()
		if n := traffic.Methods[proxy.Execute].Calls; n != 0 {
			t.Errorf("%d actions ran", n)
		}
		if len(traffic.Writes) != 0 {
			t.Errorf("%d blobs went up", len(traffic.Writes))
		}
		return slices.DeleteFunc(traffic.Reads, func(d proxy.Digest) bool { return slices.Contains(unused, d) })
	}

	t.Run("after clean, without outputs", func(t *testing.T) {
		c.Clean(t)
		if reads := hits(t, c, "--remote_download_minimal"); len(reads) != 0 {
			t.Errorf("%d blobs came down: %v", len(reads), reads)
		}
	})

	t.Run("after clean, with top-level outputs", func(t *testing.T) {
		c.Clean(t)
		if reads := hits(t, c, "--remote_download_toplevel"); !slices.Equal(reads, object) {
			t.Errorf("got %v from the server, want hyp.o alone, %v", reads, object[0])
		}
		if !bytes.Equal(c.Output(t, kernelFile), local[kernelFile]) {
			t.Error("hyp.o differs from that of the local build")
		}
	})

	t.Run("another clone, user and output base", func(t *testing.T) {
		other := bed.NewWorkspace(t).Client(t, "--output_user_root="+t.TempDir())
		other.Impersonate(t, "somebody")
		hits(t, other, "--repository_cache="+strings.TrimSpace(c.Run(t, "info", "repository_cache")))
		if !bytes.Equal(other.Output(t, kernelFile), local[kernelFile]) {
			t.Error("hyp.o differs from that of the local build")
		}
	})
}

// TestKernelOnWorker builds the kernel's object on Bazel's own worker.
func TestKernelOnWorker(t *testing.T) {
	local := localFiles(t)
	b := bed.NewWorker(t)
	c := bed.NewWorkspace(t).Client(t)
	for _, runner := range []string{bed.Remote, bed.CacheHit} {
		c.Clean(t)
		wantRunners(t, c.Build(t, slices.Concat(b.Flags(), []string{"--output_groups=+objects"}), kernel).MustSucceed(t), runner)
		for path, want := range local {
			if got := c.Output(t, path); !bytes.Equal(got, want) {
				t.Errorf("%s, %s: differs from that of the local build", runner, path)
			}
		}
	}
}
