// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"io"
	"sync"
)

// queue writes rendered windows. One worker writes at a time, since concurrent
// writes to one file would spin on the inode's lock in the kernel; meanwhile the
// others go on rendering instead of waiting.
type queue struct {
	w    io.WriterAt
	most int // number of waiting batches at which a worker waits, too

	writing sync.Mutex // held during writes

	mu      sync.Mutex // of the following
	waiting []rendered
	free    [][]byte // buffers whose bytes are written
}

// rendered is a batch to be written.
type rendered struct {
	task  int // its number
	batch []task
	b     []byte
}

// buffer returns a buffer of a size. Its contents are undefined.
func (q *queue) buffer(size uint64) []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := len(q.free); n > 0 {
		b := q.free[n-1]
		q.free = q.free[:n-1]
		if uint64(cap(b)) >= size {
			return b[:size]
		}
	}
	return make([]byte, size)
}

// put queues a batch. If no other worker is writing, or too many batches wait, it
// writes them. The error is that of the batch that failed.
func (q *queue) put(r rendered) *taskError {
	q.mu.Lock()
	q.waiting = append(q.waiting, r)
	full := len(q.waiting) >= q.most
	q.mu.Unlock()
	if full {
		q.writing.Lock()
	} else if !q.writing.TryLock() {
		return nil
	}
	defer q.writing.Unlock()
	return q.drain()
}

// flush writes what is left in the queue, after the last put of a worker.
func (q *queue) flush() *taskError {
	q.writing.Lock()
	defer q.writing.Unlock()
	return q.drain()
}

// drain writes batches until none waits. The caller holds writing.
func (q *queue) drain() *taskError {
	for {
		q.mu.Lock()
		if len(q.waiting) == 0 {
			q.mu.Unlock()
			return nil
		}
		r := q.waiting[0]
		q.waiting = append(q.waiting[:0], q.waiting[1:]...)
		q.mu.Unlock()
		b := r.b
		for i := range r.batch {
			t := &r.batch[i]
			if _, err := q.w.WriteAt(b[:t.size], int64(t.off)); err != nil {
				return &taskError{r.task, err}
			}
			b = b[t.size:]
		}
		q.mu.Lock()
		q.free = append(q.free, r.b)
		q.mu.Unlock()
	}
}

// writeNow writes bytes that need no buffer.
func (q *queue) writeNow(b []byte, off uint64) error {
	q.writing.Lock()
	defer q.writing.Unlock()
	_, err := q.w.WriteAt(b, int64(off))
	return err
}
