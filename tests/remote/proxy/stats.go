// SPDX-License-Identifier: Apache-2.0

package proxy

import (
	"maps"
	"sync"
)

// Count is what passed through the proxy for one method.
type Count struct {
	Calls  int
	Failed int   // calls that did not end with OK
	Up     int64 // bytes of requests
	Down   int64 // bytes of replies
}

// Digest names a blob.
type Digest struct {
	Hash string
	Size int64
}

// Traffic is what passed through the proxy since it was started or since Reset.
type Traffic struct {
	Methods map[string]Count
	Reads   []Digest // blobs that the client asked for, in order
	Writes  []Digest // blobs that the client sent, in order
}

// Total is the sum over all methods.
func (t Traffic) Total() Count {
	var sum Count
	for _, c := range t.Methods {
		sum.Calls += c.Calls
		sum.Failed += c.Failed
		sum.Up += c.Up
		sum.Down += c.Down
	}
	return sum
}

// Traffic returns what passed through the proxy.
func (p *Proxy) Traffic() Traffic {
	p.stats.mu.Lock()
	defer p.stats.mu.Unlock()
	t := p.stats.traffic
	t.Methods = maps.Clone(t.Methods)
	t.Reads = append([]Digest(nil), t.Reads...)
	t.Writes = append([]Digest(nil), t.Writes...)
	return t
}

// Reset forgets what passed through the proxy, and returns it.
func (p *Proxy) Reset() Traffic {
	t := p.Traffic()
	p.stats.mu.Lock()
	defer p.stats.mu.Unlock()
	p.stats.traffic = Traffic{Methods: map[string]Count{}}
	return t
}

// stats counts. Methods are safe for concurrent use.
type stats struct {
	mu      sync.Mutex
	traffic Traffic
}

func newStats() *stats { return &stats{traffic: Traffic{Methods: map[string]Count{}}} }

func (s *stats) add(method string, change func(*Count)) {
	c := s.traffic.Methods[method]
	change(&c)
	s.traffic.Methods[method] = c
}

func (s *stats) request(method string, message []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(method, func(c *Count) { c.Up += int64(len(message)) })
	switch method {
	case Read:
		s.traffic.Reads = append(s.traffic.Reads, resourceDigest(message)...)
	case BatchReadBlobs:
		s.traffic.Reads = append(s.traffic.Reads, batchDigests(message)...)
	case Write:
		// Only the first message of a stream has the blob's name.
		s.traffic.Writes = append(s.traffic.Writes, resourceDigest(message)...)
	}
}

func (s *stats) reply(method string, message []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(method, func(c *Count) { c.Down += int64(len(message)) })
}

func (s *stats) end(method string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(method, func(c *Count) {
		c.Calls++
		if err != nil {
			c.Failed++
		}
	})
}
