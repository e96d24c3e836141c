// SPDX-License-Identifier: Apache-2.0

package endpoints

import (
	"net/http"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

// Exit codes of Bazel.
const (
	buildFailed = 1
	remoteError = 34
)

// fault is an endpoint that cannot run actions.
type fault struct {
	name     string
	endpoint func(t *testing.T) string
	flags    []string
	code     int
	words    []string // Bazel's, which docs/remote-troubleshooting.md has as well
	reason   string   // the server's, which Bazel passes on
}

// fails is the endpoint of a server on which one method fails.
func fails(method string, code codes.Code, message string) func(*testing.T) string {
	return func(t *testing.T) string { return "grpc://" + newServer().failing(method, code, message).start(t) }
}

// claims is the endpoint of a server with other capabilities.
func claims(message []byte) func(*testing.T) string {
	return func(t *testing.T) string { return "grpc://" + newServer().withCapabilities(message).start(t) }
}

// impatient are flags with which Bazel does not try for long.
var impatient = []string{"--remote_timeout=1", "--remote_retries=1"}

var faults = []fault{
	{
		name:     "closed port",
		endpoint: closedPort,
		flags:    impatient,
		code:     remoteError,
		words:    []string{"Failed to query remote execution capabilities: UNAVAILABLE: io exception"},
	},
	{
		name:     "closed port, in detail",
		endpoint: closedPort,
		flags:    append([]string{"--verbose_failures"}, impatient...),
		code:     remoteError,
		words:    []string{"Connection refused"},
		reason:   "/127.0.0.1:", // the endpoint
	},
	{
		name:     "unknown host",
		endpoint: func(*testing.T) string { return "grpc://no-such-host.invalid:8980" },
		flags:    impatient,
		code:     remoteError,
		words:    []string{"UNAVAILABLE: Unable to resolve host"},
		reason:   "no-such-host.invalid",
	},
	{
		name:     "silent port",
		endpoint: func(t *testing.T) string { return "grpc://" + listen(t).Addr().String() },
		flags:    impatient,
		code:     remoteError,
		words:    []string{"Failed to query remote execution capabilities: DEADLINE_EXCEEDED", "waiting_for_connection"},
	},
	{
		name:     "web server",
		endpoint: func(t *testing.T) string { return "grpc://" + webServer(t) },
		flags:    impatient,
		code:     remoteError,
		words:    []string{"Failed to query remote execution capabilities: INTERNAL: http2 exception"},
	},
	{
		name:     "server with TLS",
		endpoint: secureServer,
		flags:    impatient,
		code:     remoteError,
		words:    []string{"Failed to query remote execution capabilities: UNAVAILABLE: Network closed for unknown reason"},
	},
	{
		name:     "no executor",
		endpoint: func(*testing.T) string { return "" },
		code:     buildFailed,
		words:    []string{"cannot be executed with any of the available strategies: [remote]"},
	},
	{
		name:     "gRPC server without REAPI",
		endpoint: plainServer,
		code:     remoteError,
		words:    []string{"Failed to query remote execution capabilities: UNIMPLEMENTED: unknown service build.bazel.remote.execution.v2.Capabilities"},
	},
	{
		name:     "cache only",
		endpoint: claims(capabilities(version{2, 0}, version{2, 3}, false)),
		code:     remoteError,
		words: []string{
			"Remote execution is not supported by the remote server, or the current account is not authorized to use remote execution",
		},
	},
	{
		name:     "newer protocol",
		endpoint: claims(capabilities(version{2, 90}, version{2, 99}, true)),
		code:     remoteError,
		words:    []string{"The client supported API versions", "is not supported by the server"},
		reason:   "2.90 to 2.99",
	},
	{
		name:     "no worker for the platform",
		endpoint: fails(execute, codes.FailedPrecondition, `No workers exist for instance name prefix "" platform {"properties":[{"name":"OSFamily","value":"plan9"}]}`),
		code:     remoteError,
		words:    []string{"FAILED_PRECONDITION: No workers exist for instance name prefix"},
		reason:   `"value":"plan9"`,
	},
	{
		name:     "unknown platform property",
		endpoint: fails(execute, codes.InvalidArgument, "Unknown platform property 'os_famly'"),
		code:     remoteError,
		words:    []string{"INVALID_ARGUMENT:"},
		reason:   "Unknown platform property 'os_famly'",
	},
	{
		name:     "no credential",
		endpoint: fails(getCapabilities, codes.Unauthenticated, "no token"),
		code:     remoteError,
		words:    []string{"Failed to query remote execution capabilities: UNAUTHENTICATED:"},
		reason:   "no token",
	},
	{
		name:     "refused credential",
		endpoint: fails(getCapabilities, codes.PermissionDenied, "not for you"),
		code:     remoteError,
		words:    []string{"Failed to query remote execution capabilities: PERMISSION_DENIED:"},
		reason:   "not for you",
	},
	{
		name:     "credential for the cache only",
		endpoint: fails(execute, codes.PermissionDenied, "may not execute"),
		code:     remoteError,
		words:    []string{"PERMISSION_DENIED:"},
		reason:   "may not execute",
	},
	{
		name:     "credential for reading only",
		endpoint: fails(findMissingBlobs, codes.PermissionDenied, "may not write"),
		code:     remoteError,
		words:    []string{"PERMISSION_DENIED:"},
		reason:   "may not write",
	},
	{
		name:     "unknown instance name",
		endpoint: fails(getCapabilities, codes.InvalidArgument, `no instance "nowhere"`),
		flags:    []string{"--remote_instance_name=nowhere"},
		code:     remoteError,
		words:    []string{"Failed to query remote execution capabilities: INVALID_ARGUMENT:"},
		reason:   `no instance "nowhere"`,
	},
	{
		name:     "instance name that only the cache refuses",
		endpoint: fails(getActionResult, codes.InvalidArgument, `no instance "nowhere"`),
		flags:    []string{"--remote_instance_name=nowhere"},
		code:     remoteError,
		words:    []string{"(Exit 34): INVALID_ARGUMENT:"},
		reason:   `no instance "nowhere"`,
	},
}

// closedPort is an endpoint where nothing listens.
func closedPort(t *testing.T) string {
	listener := listen(t)
	defer listener.Close()
	return "grpc://" + listener.Addr().String()
}

// webServer starts an HTTP/1.1 server.
func webServer(t *testing.T) string {
	listener := listen(t)
	server := &http.Server{Handler: http.NotFoundHandler()}
	t.Cleanup(func() { server.Close() })
	go server.Serve(listener)
	return listener.Addr().String()
}

// plainServer starts a gRPC server that has no service.
func plainServer(t *testing.T) string {
	listener := listen(t)
	server := grpc.NewServer()
	t.Cleanup(server.Stop)
	go server.Serve(listener)
	return "grpc://" + listener.Addr().String()
}
