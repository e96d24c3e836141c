// SPDX-License-Identifier: Apache-2.0

// Package proxy is a gRPC proxy between Bazel and a remote execution server, for tests.
//
// It passes calls of any service on as bytes. On the way it lowers the protocol version that the server asks for, counts calls and bytes, and injects
// faults.
package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// maxMessage is far above what Bazel and the servers send: their limit is 4 MiB.
const maxMessage = 64 << 20

// Proxy is a running proxy.
type Proxy struct {
	listener net.Listener
	server   *grpc.Server
	stats    *stats

	mu      sync.Mutex
	backend *grpc.ClientConn
	faults  []*Fault
	link    Link
}

// Link is a slow network.
type Link struct {
	Latency   time.Duration // of each call
	Bandwidth int64         // bytes a second of each call and direction; 0: no limit
}

// Start starts a proxy on a loopback port that the system chooses. The target is the server's, in gRPC's syntax: "unix:PATH" or "HOST:PORT". The server
// need not be there yet.
func Start(target string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: listener, stats: newStats()}
	if err := p.SetTarget(target); err != nil {
		listener.Close()
		return nil, err
	}
	p.server = grpc.NewServer(
		grpc.ForceServerCodec(frames{}),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.MaxSendMsgSize(maxMessage),
		grpc.UnknownServiceHandler(p.handle),
	)
	go p.server.Serve(listener)
	return p, nil
}

// SetTarget makes the proxy use another server for calls that start from now on.
func (p *Proxy) SetTarget(target string) error {
	backend, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(
			grpc.ForceCodec(frames{}),
			grpc.MaxCallRecvMsgSize(maxMessage),
			grpc.MaxCallSendMsgSize(maxMessage)),
	)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.backend != nil {
		p.backend.Close()
	}
	p.backend = backend
	return nil
}

// Endpoint is the proxy's address, for --remote_executor and --remote_cache.
func (p *Proxy) Endpoint() string { return "grpc://" + p.listener.Addr().String() }

// SetLink sets the speed of calls that start from now on.
func (p *Proxy) SetLink(link Link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.link = link
}

// Close ends all calls and stops the proxy.
func (p *Proxy) Close() error {
	p.server.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.backend.Close()
}

// frames is a gRPC codec that passes bytes through.
type frames struct{}

func (frames) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (frames) Name() string                  { return "proto" }

func (frames) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

var errNoMethod = status.Error(codes.Internal, "proxy: a stream without a method")

// handle passes one call on.
func (p *Proxy) handle(_ any, client grpc.ServerStream) error {
	method, ok := grpc.MethodFromServerStream(client)
	if !ok {
		return errNoMethod
	}
	// Each method's client sends something before it waits, which tells calls of one method apart.
	var first []byte
	if err := client.RecvMsg(&first); err != nil {
		return err
	}
	p.mu.Lock()
	backend, link := p.backend, p.link
	p.mu.Unlock()
	c := &call{method: method, link: link, stats: p.stats, fault: p.faultFor(method, first), client: client, first: first}
	err := c.run(backend)
	p.stats.end(method, err)
	return err
}

// call is one call on its way through the proxy.
type call struct {
	method string
	link   Link
	stats  *stats
	fault  *Fault
	client grpc.ServerStream
	server grpc.ClientStream
	first  []byte // the first request
}

func (c *call) run(backend *grpc.ClientConn) error {
	if c.fault.Code != codes.OK {
		return status.Error(c.fault.Code, "proxy: an injected fault")
	}
	time.Sleep(c.link.Latency)
	ctx, cancel := context.WithCancel(c.client.Context())
	defer cancel()
	if md, ok := metadata.FromIncomingContext(ctx); ok {
		ctx = metadata.NewOutgoingContext(ctx, md.Copy())
	}
	var err error
	description := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	if c.server, err = backend.NewStream(ctx, description, c.method); err != nil {
		return err
	}
	up, down := make(chan error, 1), make(chan error, 1)
	go func() { up <- c.requests() }()
	go func() { down <- c.replies() }()
	for {
		select {
		case err := <-up:
			if err != nil {
				return err
			}
			up = nil // the client has sent all; the server answers
		case err := <-down:
			c.client.SetTrailer(c.server.Trailer())
			return err
		}
	}
}

// requests passes on what the client sends, until it is done.
func (c *call) requests() error {
	var sent int64
	for message := c.first; ; {
		c.stats.request(c.method, message)
		sent += int64(len(message))
		if c.fault.CutUp > 0 && sent > c.fault.CutUp {
			return errCut
		}
		if c.fault.Request != nil {
			message = c.fault.Request(message)
		}
		c.slow(len(message))
		if err := c.server.SendMsg(&message); err != nil {
			return nil // the status comes with the answer
		}
		message = nil
		if err := c.client.RecvMsg(&message); errors.Is(err, io.EOF) {
			return c.server.CloseSend()
		} else if err != nil {
			return err
		}
	}
}

// replies passes on what the server sends, and returns the call's status.
func (c *call) replies() error {
	var received int64
	for {
		var message []byte
		if err := c.server.RecvMsg(&message); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if received == 0 {
			if header, err := c.server.Header(); err == nil {
				if err := c.client.SendHeader(header); err != nil {
					return err
				}
			}
		}
		if c.method == GetCapabilities {
			message = lowerVersion(message)
		}
		received += int64(len(message))
		if c.fault.CutDown > 0 && received > c.fault.CutDown {
			return errCut
		}
		if c.fault.Reply != nil {
			message = c.fault.Reply(c.first, message)
		}
		c.stats.reply(c.method, message)
		c.slow(len(message))
		if err := c.client.SendMsg(&message); err != nil {
			return err
		}
	}
}

// slow waits as long as the link needs for some bytes.
func (c *call) slow(bytes int) {
	if c.link.Bandwidth > 0 {
		time.Sleep(time.Duration(bytes) * time.Second / time.Duration(c.link.Bandwidth))
	}
}
