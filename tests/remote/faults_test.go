// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/rules-hyp/rules_hyp/tests/remote/proxy"
)

// faultCases are faults that a build survives, for which code is 0, and faults that end it.
var faultCases = []struct {
	name  string
	fault proxy.Fault
	code  int      // Bazel's exit code
	words []string // in its messages
}{
	{"execution unavailable for a moment", proxy.Fault{Method: proxy.Execute, Times: 2, Code: codes.Unavailable}, 0, nil},
	{"execution unavailable", proxy.Fault{Method: proxy.Execute, Code: codes.Unavailable}, remoteError, []string{"UNAVAILABLE"}},
	{"workers busy for a moment", proxy.Fault{Method: proxy.Execute, Times: 2, Code: codes.ResourceExhausted}, 0, nil},
	{"workers busy", proxy.Fault{Method: proxy.Execute, Code: codes.ResourceExhausted}, remoteError, []string{"RESOURCE_EXHAUSTED"}},
	{"late answers for a moment", proxy.Fault{Method: proxy.FindMissingBlobs, Times: 2, Code: codes.DeadlineExceeded}, 0, nil},
	{"late answers", proxy.Fault{Method: proxy.FindMissingBlobs, Code: codes.DeadlineExceeded}, remoteError, []string{"DEADLINE_EXCEEDED"}},
	{"uploads unavailable for a moment", proxy.Fault{Method: proxy.Write, Times: 2, Code: codes.Unavailable}, 0, nil},
	{"uploads refused", proxy.Fault{Method: proxy.Write, Code: codes.ResourceExhausted}, remoteError, []string{"Error while uploading artifact"}},
	{"downloads unavailable for a moment", proxy.Fault{Method: proxy.Read, Times: 2, Code: codes.Unavailable}, 0, nil},
	{"downloads unavailable", proxy.Fault{Method: proxy.Read, Code: codes.Unavailable}, remoteError, []string{"UNAVAILABLE"}},
	{"two downloads cut", proxy.Fault{Method: proxy.Read, Times: 2, CutDown: 100}, 0, nil},
	{"downloads cut", proxy.Fault{Method: proxy.Read, CutDown: 100}, remoteError, []string{"UNAVAILABLE: proxy: the stream was cut"}},
	{"two uploads cut", proxy.Fault{Method: proxy.Write, Times: 2, CutUp: 100}, 0, nil},
	{"uploads cut", proxy.Fault{Method: proxy.Write, CutUp: 100}, remoteError, []string{"Error while uploading artifact"}},
	{
		"inputs promised that are missing",
		proxy.Fault{Method: proxy.FindMissingBlobs, Reply: func(_, reply []byte) []byte { return proxy.NothingMissing(reply) }},
		remoteError,
		[]string{"Remote Execution Failure", "Blob not found"},
	},
	{
		"a bit flipped in each download",
		proxy.Fault{Method: proxy.Read, Reply: func(_, reply []byte) []byte { return proxy.FlipByte(reply) }},
		remoteError,
		[]string{"Expected digest", "does not match received digest"},
	},
	{
		"a bit flipped in each upload",
		proxy.Fault{Method: proxy.Write, Request: proxy.FlipWritten},
		remoteError,
		[]string{"Error while uploading artifact"},
	},
}

// faults builds the object while the proxy injects a fault, and again without it.
func (s *suite) faults(t *testing.T) {
	for _, f := range faultCases {
		t.Run(f.name, func(t *testing.T) {
			flags := s.fresh(t)
			remove := s.bed.Proxy.Inject(f.fault)
			defer remove()
			if f.code == 0 {
				s.mustBuild(t, flags)
			} else {
				s.mustFail(t, flags, f.code, f.words...)
			}
			if remove() == 0 {
				t.Error("no call had the fault")
			}
			s.mustBuild(t, flags)
		})
	}
}

// serverKilled kills the server while actions run, and starts it again.
func (s *suite) serverKilled(t *testing.T) {
	flags := s.fresh(t)
	s.bed.Proxy.Reset()
	// Bazel's own number of attempts: the server is away for a while.
	running := s.client.Start(t, append(flags, "--remote_retries=10", "--remote_retry_max_delay=1s"), small)
	for deadline := time.Now().Add(time.Minute); s.bed.Proxy.Traffic().Methods[proxy.Execute].Up == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no action was started in a minute")
		}
	}
	if err := s.bed.Server.Kill(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	s.bed.Restart(t)
	s.checkObject(t, running.Wait(t).MustSucceed(t))
	if s.bed.Proxy.Traffic().Total().Failed == 0 {
		t.Error("no call failed: the server was not killed while it was used")
	}
}

// slowLink builds over a link with the latency of another continent and the bandwidth of a poor line.
func (s *suite) slowLink(t *testing.T) {
	flags := s.fresh(t)
	s.bed.Proxy.SetLink(proxy.Link{Latency: 150 * time.Millisecond, Bandwidth: 100_000})
	defer s.bed.Proxy.SetLink(proxy.Link{})
	build := s.mustBuild(t, flags)
	// Script, compiler, link, relocations, prefix and check wait for each other, and each makes at least three calls.
	if least := 5 * 3 * 150 * time.Millisecond; build.Elapsed < least {
		t.Errorf("the build took %s, want at least %s: the link was not slow", build.Elapsed, least)
	}
}
