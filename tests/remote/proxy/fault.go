// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Fault is a fault of calls of one method. Of Code, CutUp, CutDown, Request and Reply one or more are set.
type Fault struct {
	Method string // one of the names below
	Skip   int    // this many calls pass before the first fault
	Times  int    // this many calls have the fault; 0: all

	// Match limits the fault to calls whose first request it accepts. Skip and Times count these. It is for methods with one request.
	Match func(request []byte) bool

	Code    codes.Code // answered at once, instead of asking the server
	CutUp   int64      // the call breaks with UNAVAILABLE when the client has sent more bytes than this
	CutDown int64      // the same for the server
	Request func(message []byte) []byte
	Reply   func(request, message []byte) []byte // request is the call's first

	hits int
}

// Names of methods.
const (
	GetCapabilities  = "/build.bazel.remote.execution.v2.Capabilities/GetCapabilities"
	Execute          = "/build.bazel.remote.execution.v2.Execution/Execute"
	WaitExecution    = "/build.bazel.remote.execution.v2.Execution/WaitExecution"
	GetActionResult  = "/build.bazel.remote.execution.v2.ActionCache/GetActionResult"
	FindMissingBlobs = "/build.bazel.remote.execution.v2.ContentAddressableStorage/FindMissingBlobs"
	BatchReadBlobs   = "/build.bazel.remote.execution.v2.ContentAddressableStorage/BatchReadBlobs"
	BatchUpdateBlobs = "/build.bazel.remote.execution.v2.ContentAddressableStorage/BatchUpdateBlobs"
	Read             = "/google.bytestream.ByteStream/Read"
	Write            = "/google.bytestream.ByteStream/Write"
)

var errCut = status.Error(codes.Unavailable, "proxy: the stream was cut")

// Inject adds a fault for calls that start from now on, and returns a function that removes it and says how many calls had it.
func (p *Proxy) Inject(fault Fault) (remove func() int) {
	f := &fault
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, f)
	return func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		for i, other := range p.faults {
			if other == f {
				p.faults = append(p.faults[:i:i], p.faults[i+1:]...)
				break
			}
		}
		return f.hits
	}
}

// faultFor returns the fault that a call of a method has.
func (p *Proxy) faultFor(method string, request []byte) *Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.faults {
		if f.Method != method || f.Match != nil && !f.Match(request) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times > 0 && f.hits == f.Times {
			continue
		}
		f.hits++
		return f
	}
	return &Fault{}
}
