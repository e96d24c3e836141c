// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"bytes"
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// startEcho starts a server whose methods send back each message, and a proxy before it, and returns the proxy and a client of it.
func startEcho(t *testing.T) (*Proxy, *grpc.ClientConn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.ForceServerCodec(frames{}), grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		for {
			var message []byte
			if err := stream.RecvMsg(&message); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			if string(message) == "fail" {
				return status.Error(codes.DataLoss, "as asked")
			}
			if err := stream.SendMsg(&message); err != nil {
				return err
			}
		}
	}))
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	p, err := Start(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	conn, err := grpc.NewClient(strings.TrimPrefix(p.Endpoint(), "grpc://"),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.ForceCodec(frames{})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return p, conn
}

// exchange sends messages and returns what came back.
func exchange(t *testing.T, conn *grpc.ClientConn, method string, messages ...string) ([]string, codes.Code) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, method)
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range messages {
		data := []byte(message)
		if err := stream.SendMsg(&data); err != nil && err != io.EOF {
			t.Fatal(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for {
		var message []byte
		if err := stream.RecvMsg(&message); err == io.EOF {
			return got, codes.OK
		} else if err != nil {
			return got, status.Code(err)
		}
		got = append(got, string(message))
	}
}

func TestPassesOnAndCounts(t *testing.T) {
	p, conn := startEcho(t)
	if got, code := exchange(t, conn, "/a.B/C", "one", "three"); !slices.Equal(got, []string{"one", "three"}) || code != codes.OK {
		t.Errorf("got %q, %v", got, code)
	}
	if got, code := exchange(t, conn, "/a.B/C", "four", "fail"); !slices.Equal(got, []string{"four"}) || code != codes.DataLoss {
		t.Errorf("got %q, %v; want the server's own status", got, code)
	}
	want := Count{Calls: 2, Failed: 1, Up: 3 + 5 + 4 + 4, Down: 3 + 5 + 4}
	if got := p.Reset().Methods["/a.B/C"]; got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	if got := p.Traffic().Total(); got != (Count{}) {
		t.Errorf("counted %+v after Reset", got)
	}
}

func TestFaults(t *testing.T) {
	accept := func(request []byte) bool { return string(request) == "hit" }
	upper := func(message []byte) []byte { return bytes.ToUpper(message) }
	for _, test := range []struct {
		name  string
		fault Fault
		sent  []string
		got   []string
		code  codes.Code
	}{
		{"another method", Fault{Method: "/x.Y/Z", Code: codes.Unavailable}, []string{"hit"}, []string{"hit"}, codes.OK},
		{"another request", Fault{Match: accept, Code: codes.Unavailable}, []string{"miss", "hit"}, []string{"miss", "hit"}, codes.OK},
		{"a status", Fault{Match: accept, Code: codes.ResourceExhausted}, []string{"hit"}, nil, codes.ResourceExhausted},
		{"skipped", Fault{Skip: 1, Code: codes.Unavailable}, []string{"hit"}, []string{"hit"}, codes.OK},
		{"cut replies", Fault{CutDown: 4}, []string{"four", "five"}, []string{"four"}, codes.Unavailable},
		{"cut requests", Fault{CutUp: 3}, []string{"four", "five"}, nil, codes.Unavailable},
		{"other requests", Fault{Request: upper}, []string{"a", "b"}, []string{"A", "B"}, codes.OK},
		{
			"other replies",
			Fault{Reply: func(request, reply []byte) []byte { return append(request[:1:1], reply...) }},
			[]string{"a", "b"},
			[]string{"aa", "ab"},
			codes.OK,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, conn := startEcho(t)
			if test.fault.Method == "" {
				test.fault.Method = "/a.B/C"
			}
			remove := p.Inject(test.fault)
			if got, code := exchange(t, conn, "/a.B/C", test.sent...); !slices.Equal(got, test.got) || code != test.code {
				t.Errorf("got %q, %v, want %q, %v", got, code, test.got, test.code)
			}
			remove()
			if got, code := exchange(t, conn, "/a.B/C", "hit"); !slices.Equal(got, []string{"hit"}) || code != codes.OK {
				t.Errorf("got %q, %v after the fault was removed", got, code)
			}
		})
	}
}

func TestFaultOfSomeCalls(t *testing.T) {
	p, conn := startEcho(t)
	remove := p.Inject(Fault{Method: "/a.B/C", Skip: 1, Times: 2, Code: codes.Aborted})
	var got []codes.Code
	for range 4 {
		_, code := exchange(t, conn, "/a.B/C", "x")
		got = append(got, code)
	}
	if want := []codes.Code{codes.OK, codes.Aborted, codes.Aborted, codes.OK}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := remove(); n != 2 {
		t.Errorf("%d calls had the fault, want 2", n)
	}
}

func TestSlowLink(t *testing.T) {
	p, conn := startEcho(t)
	p.SetLink(Link{Latency: 100 * time.Millisecond, Bandwidth: 1000})
	start := time.Now()
	exchange(t, conn, "/a.B/C", strings.Repeat("x", 200))
	if took := time.Since(start); took < 300*time.Millisecond {
		t.Errorf("took %s, want at least 100 ms for the call and 200 for the bytes", took)
	}
}

// A server that starts again has another address, or the same one.
func TestSetTarget(t *testing.T) {
	p, conn := startEcho(t)
	other, _ := startEcho(t)
	if err := p.SetTarget(strings.TrimPrefix(other.Endpoint(), "grpc://")); err != nil {
		t.Fatal(err)
	}
	exchange(t, conn, "/a.B/C", "x")
	if n := other.Traffic().Methods["/a.B/C"].Calls; n != 1 {
		t.Errorf("%d calls went to the new target, want 1", n)
	}
}

// message makes a message of length-delimited fields, given as numbers and values.
func message(fields ...any) []byte {
	var out []byte
	for i := 0; i < len(fields); i += 2 {
		out = protowire.AppendTag(out, protowire.Number(fields[i].(int)), protowire.BytesType)
		switch value := fields[i+1].(type) {
		case string:
			out = protowire.AppendString(out, value)
		case []byte:
			out = protowire.AppendBytes(out, value)
		}
	}
	return out
}

func TestCapabilities(t *testing.T) {
	p, conn := startEcho(t)
	capabilities := message(2, "execution", 4, "\x08\x02\x10\x01", 5, "\x08\x02\x10\x0c")
	want := string(message(2, "execution", 5, "\x08\x02\x10\x0c", 4, "\x08\x02"))
	if got, _ := exchange(t, conn, GetCapabilities, string(capabilities)); !slices.Equal(got, []string{want}) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := p.Traffic().Methods[GetCapabilities].Down; n != int64(len(want)) {
		t.Errorf("counted %d bytes, want %d", n, len(want))
	}
}

func TestBlobs(t *testing.T) {
	a, b, c := Digest{"aaaa", 1}, Digest{"bbbb", 300}, Digest{"cccc", 5}
	p, conn := startEcho(t)
	exchange(t, conn, Read, string(message(1, "blobs/aaaa/1")))
	exchange(t, conn, Read, string(message(1, "instance/name/blobs/bbbb/300")))
	exchange(t, conn, BatchReadBlobs, string(message(2, appendDigest(c), 2, appendDigest(a))))
	exchange(t, conn, Write, string(message(1, "uploads/0-1-2/blobs/bbbb/300", 10, "data")), string(message(10, "more")))
	traffic := p.Traffic()
	if want := []Digest{a, b, c, a}; !slices.Equal(traffic.Reads, want) {
		t.Errorf("reads: got %v, want %v", traffic.Reads, want)
	}
	if want := []Digest{b}; !slices.Equal(traffic.Writes, want) {
		t.Errorf("writes: got %v, want %v", traffic.Writes, want)
	}
	if got := Requested(message(1, "blobs/bbbb/300")); got != b {
		t.Errorf("requested: got %v, want %v", got, b)
	}
}

func TestEdits(t *testing.T) {
	a, b := Digest{"aaaa", 1}, Digest{"bbbb", 300}
	if got, want := string(FlipByte(message(10, "abc"))), string(message(10, "acc")); got != want {
		t.Errorf("FlipByte: got %q, want %q", got, want)
	}
	if got, want := string(FlipWritten(message(1, "name", 10, ""))), string(message(1, "name", 10, "")); got != want {
		t.Errorf("FlipWritten: got %q, want %q", got, want)
	}
	if got := NothingMissing(message(2, appendDigest(a), 2, appendDigest(b))); len(got) != 0 {
		t.Errorf("NothingMissing: got %q", got)
	}
	result := func(first, second Digest) []byte {
		return message(2, message(1, "x.o", 2, appendDigest(first)), 2, message(1, "y.o", 2, appendDigest(second)), 9, "rest")
	}
	if got, want := ReplaceOutput(result(a, b), a, b), result(b, b); !bytes.Equal(got, want) {
		t.Errorf("ReplaceOutput: got %q, want %q", got, want)
	}
}
