// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
	"github.com/rules-hyp/rules_hyp/tests/remote/engine"
	"github.com/rules-hyp/rules_hyp/tests/remote/proxy"
)

// clients is the number of people who build the same commit at once.
const clients = 8

// TestClients builds with several clients at once, each a Bazel with a clone of its own: first with an empty cache, then with a full one.
func TestClients(t *testing.T) {
	b := bed.New(t, engine.BuildBoxOptions{})
	var all []*bed.Client
	for range clients {
		s := &sizing{bed: b, client: bed.NewWorkspace(t).Client(t)}
		s.fetch(t)
		all = append(all, s.client)
	}
	rows := []row{together(t, b, all, "first build")}
	for _, c := range all {
		c.Clean(t)
	}
	hits := together(t, b, all, "after `clean`")
	if hits.ran != 0 {
		t.Errorf("%d actions ran with a full cache", hits.ran)
	}
	report(t, "clients", fmt.Sprintf("%d clients at once\n\n", clients)+table(append(rows, hits)))
}

// together builds with all clients at once and returns the sums, and the longest time. The objects must be equal.
func together(t *testing.T, b *bed.Bed, all []*bed.Client, name string) row {
	t.Helper()
	s := &sizing{bed: b}
	b.Proxy.Reset()
	start := time.Now()
	var running []*bed.Running
	for _, c := range all {
		running = append(running, c.Start(t, s.flags(), kernel))
	}
	r := row{name: name}
	var objects []proxy.Digest
	for _, build := range running {
		done := build.Wait(t).MustSucceed(t)
		r.ran += done.Runners()[bed.Remote]
		r.found += done.Runners()[bed.CacheHit]
		objects = append(objects, done.Digests("/hyp.o")...)
	}
	r.elapsed, r.traffic = time.Since(start), b.Proxy.Traffic()
	if different := slices.Compact(objects); len(objects) != len(all) || len(different) != 1 {
		t.Errorf("got objects %v of %d clients, want one digest", objects, len(all))
	}
	return r
}
