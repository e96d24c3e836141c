// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"os"
	"slices"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
	"github.com/rules-hyp/rules_hyp/tests/remote/proxy"
)

// wrongResults builds with all hits, of which one is wrong or cannot be had.
func (s *suite) wrongResults(t *testing.T) {
	object := s.digest(t, "/modern/hyp.o")
	// read makes the download of the object alone have a fault.
	read := func(fault proxy.Fault) proxy.Fault {
		fault.Method = proxy.Read
		fault.Match = func(request []byte) bool { return proxy.Requested(request) == object }
		return fault
	}
	flipped := read(proxy.Fault{Reply: func(_, reply []byte) []byte { return proxy.FlipByte(reply) }})
	for _, test := range []struct {
		name  string
		fault proxy.Fault
		code  int
		words []string
	}{
		{"a bit of the object flipped", flipped, remoteError, []string{"Expected digest '" + object.Hash, "does not match received digest"}},
		{"the object's download cut", read(proxy.Fault{CutDown: object.Size / 2}), remoteError, []string{"UNAVAILABLE"}},
		{"the object evicted", read(proxy.Fault{Code: codes.NotFound, Times: 1}), 0, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.client.Clean(t)
			remove := s.bed.Proxy.Inject(test.fault)
			defer remove()
			if test.code == 0 {
				s.mustBuild(t, s.flags())
			} else {
				s.mustFail(t, s.flags(), test.code, test.words...)
			}
			if remove() == 0 {
				t.Error("no call had the fault")
			}
			s.mustBuild(t, s.flags())
		})
	}
}

// trustedResults builds with an action result that names another object. Bazel believes it, and so do we: only who may write to the action cache
// decides what is in it. The build fails where a later action notices, at the latest the check. Bazel keeps the result until it is told to forget it.
func (s *suite) trustedResults(t *testing.T) {
	for _, test := range []struct {
		name, output, other string
		words               []string
	}{
		{"of a compiler run", "/trap.hyp.o", "/name.hyp.o", []string{"HypPartialLink", `trap.hyp.o: .text+0x0: symbol "name" is defined again`}},
		{"of the last stage", "/modern/hyp.o", "/modern/relocated.o", []string{"HypCheck", `HYP004 symbol-prefix: symbol "handle_trap"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			output, other := s.digest(t, test.output), s.digest(t, test.other)
			s.client.Clean(t)
			remove := s.bed.Proxy.Inject(proxy.Fault{Method: proxy.GetActionResult, Reply: func(_, reply []byte) []byte {
				return proxy.ReplaceOutput(reply, output, other)
			}})
			defer remove()
			s.client.Build(t, s.flags(), small).MustFail(t, buildFailed, test.words...)
			remove()
			s.client.Clean(t)
			s.mustBuild(t, s.flags())
		})
	}
}

// damagedStore builds after a blob in the server's store was changed or removed.
func (s *suite) damagedStore(t *testing.T) {
	object := s.digest(t, "/modern/hyp.o")
	blob := s.bed.Server.Blob(object.Hash)

	t.Run("object removed", func(t *testing.T) {
		s.client.Clean(t)
		remove(t, blob)
		s.mustBuild(t, s.flags())
	})

	// The client has none of the outputs, and an input of the only action that must run is not there any more.
	t.Run("input of a later action removed", func(t *testing.T) {
		s.client.Clean(t)
		minimal := append(s.flags(), "--remote_download_minimal")
		s.client.Build(t, minimal, small).MustSucceed(t)
		s.client.Workspace.Edit(t, "examples/el2/host-symbols.txt", bed.Append("__another\n"))
		remove(t, blob)
		s.client.Build(t, minimal, small).MustSucceed(t)
		s.mustBuild(t, s.flags())
	})

	t.Run("a bit of the object flipped", func(t *testing.T) {
		s.client.Clean(t)
		data, err := os.ReadFile(blob)
		if err != nil {
			t.Fatal(err)
		}
		good := slices.Clone(data)
		data[len(data)/2] ^= 1
		replace(t, blob, data)
		for range 2 {
			s.mustFail(t, s.flags(), remoteError, "Expected digest '"+object.Hash, "does not match received digest")
		}
		replace(t, blob, good)
		s.mustBuild(t, s.flags())
	})
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

// replace replaces a file that is read-only.
func replace(t *testing.T, name string, data []byte) {
	t.Helper()
	remove(t, name)
	if err := os.WriteFile(name, data, 0o444); err != nil {
		t.Fatal(err)
	}
}
