// SPDX-License-Identifier: Apache-2.0

// Package endpoints tests what Bazel says of servers that cannot run its actions. The servers are in the test: each is wrong in one way.
package endpoints

import (
	"net"
	"path"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// Methods of REAPI, by the last part of their names.
const (
	getCapabilities  = "GetCapabilities"
	getActionResult  = "GetActionResult"
	findMissingBlobs = "FindMissingBlobs"
	execute          = "Execute"
)

// server is a REAPI server with an empty cache. It claims to have every blob, and runs no action: each succeeds at once with empty outputs.
type server struct {
	capabilities []byte
	fail         map[string]error // instead of an answer, by method
	hold         map[string]*hold
}

// newServer returns a server that works.
func newServer() *server {
	return &server{capabilities: capabilities(version{2, 0}, version{2, 3}, true), fail: map[string]error{}, hold: map[string]*hold{}}
}

// failing makes a method fail.
func (s *server) failing(method string, code codes.Code, message string) *server {
	s.fail[method] = status.Error(code, message)
	return s
}

// hold keeps a call waiting.
type hold struct {
	reached, released chan struct{}
	once              sync.Once
}

// holding makes a method answer only after release. The channel is closed at its first call.
func (s *server) holding(method string) (reached <-chan struct{}, release func()) {
	h := &hold{reached: make(chan struct{}), released: make(chan struct{})}
	s.hold[method] = h
	return h.reached, func() { close(h.released) }
}

// withCapabilities replaces the answer to GetCapabilities.
func (s *server) withCapabilities(message []byte) *server {
	s.capabilities = message
	return s
}

// start returns the address that the server listens on until the test ends.
func (s *server) start(t testing.TB, options ...grpc.ServerOption) string {
	t.Helper()
	listener := listen(t)
	g := grpc.NewServer(append(options, grpc.ForceServerCodec(frames{}), grpc.UnknownServiceHandler(s.handle))...)
	t.Cleanup(g.Stop)
	go g.Serve(listener)
	return listener.Addr().String()
}

// listen listens on a loopback port that the system chooses.
func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// handle answers one call.
func (s *server) handle(_ any, stream grpc.ServerStream) error {
	name, _ := grpc.MethodFromServerStream(stream)
	method := path.Base(name)
	if h := s.hold[method]; h != nil {
		h.once.Do(func() { close(h.reached) })
		select {
		case <-h.released:
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
	if err := s.fail[method]; err != nil {
		return err
	}
	var request []byte
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	var reply []byte
	switch method {
	case getCapabilities:
		reply = s.capabilities
	case getActionResult:
		return status.Error(codes.NotFound, "no such result")
	case findMissingBlobs:
		// No blob is missing.
	case execute:
		reply = operation()
	default:
		return status.Error(codes.Unimplemented, name)
	}
	return stream.SendMsg(&reply)
}

// frames is a gRPC codec that passes bytes through.
type frames struct{}

func (frames) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (frames) Name() string                  { return "proto" }

func (frames) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

// version is a REAPI version.
type version struct{ major, minor uint64 }

// message encodes fields, in pairs of number and value.
func message(pairs ...any) []byte {
	var out []byte
	for i := 0; i < len(pairs); i += 2 {
		number := protowire.Number(pairs[i].(int))
		switch value := pairs[i+1].(type) {
		case int:
			out = protowire.AppendVarint(protowire.AppendTag(out, number, protowire.VarintType), uint64(value))
		case string:
			out = protowire.AppendString(protowire.AppendTag(out, number, protowire.BytesType), value)
		case []byte:
			out = protowire.AppendBytes(protowire.AppendTag(out, number, protowire.BytesType), value)
		}
	}
	return out
}

// capabilities encodes a ServerCapabilities for SHA-256, with or without execution.
func capabilities(low, high version, execution bool) []byte {
	const sha256 = 1
	cache := message(
		1, []byte{sha256}, // digest_functions, packed
		2, message(1, 1), // action_cache_update_capabilities: update_enabled
		4, 4<<20, // max_batch_total_size_bytes
	)
	enabled := 0
	if execution {
		enabled = 1
	}
	semver := func(v version) []byte { return message(1, int(v.major), 2, int(v.minor)) }
	return message(
		1, cache,
		2, message(1, sha256, 2, enabled), // execution_capabilities: digest_function, exec_enabled
		4, semver(low),
		5, semver(high),
	)
}

// output is the file that the only action writes.
const output = "bazel-out/k8-fastbuild/bin/out"

// operation encodes an Operation that ended, with an action that wrote its output.
func operation() []byte {
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	result := message(2, message(1, output, 2, message(1, empty)), 4, 0) // ActionResult: output_files, exit_code
	response := message(1, result)
	return message(
		1, "operations/1",
		3, 1, // done
		5, message(1, "type.googleapis.com/build.bazel.remote.execution.v2.ExecuteResponse", 2, response),
	)
}
