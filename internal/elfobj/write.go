// SPDX-License-Identifier: Apache-2.0

package elfobj

import (
	"errors"
	"io"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// WriteFile writes the object to a file. After an error, an existing file is
// unchanged. The bytes depend only on the object.
func (o *Object) WriteFile(path string) error {
	im, err := o.layout()
	if err != nil {
		return err
	}
	return fileio.Write(path, func(f *os.File) error {
		if err := im.writeSealed(f); err != nil {
			return err
		}
		for _, m := range o.Sources {
			if err := m.CheckUnchanged(); err != nil {
				return err
			}
		}
		return nil
	})
}

// Bytes returns the contents of the object's file.
func (o *Object) Bytes() ([]byte, error) {
	im, err := o.layout()
	if err != nil {
		return nil, err
	}
	b := &memory{}
	if err := im.writeSealed(b); err != nil {
		return nil, err
	}
	return b.bytes, nil
}

// memory is a file in memory.
type memory struct{ bytes []byte }

// WriteAt implements io.WriterAt.
func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	if more := int(off) + len(p) - len(m.bytes); more > 0 {
		m.bytes = append(m.bytes, make([]byte, more)...)
	}
	return copy(m.bytes[off:], p), nil
}

// write renders the image and writes it in windows, in parallel.
func (im *image) write(w io.WriterAt) error {
	if im.size < windows.concurrent {
		im.nameSymbols()
		if err := im.placeTables(); err != nil {
			return err
		}
		return im.writeTasks(w, im.tasks())
	}
	// The symbol names of a large object are laid out while its sections are
	// written. The file header comes last, as it has the offsets of the tables.
	header := im.extents[0]
	im.extents = im.extents[1:]
	err := parallel.Run(2, func(i int) error {
		if i == 0 {
			return im.writeTasks(w, im.tasks())
		}
		im.nameSymbols()
		return nil
	})
	if err != nil {
		return err
	}
	im.extents = []extent{header}
	if err := im.placeTables(); err != nil {
		return err
	}
	return im.writeTasks(w, im.tasks())
}

// tasksPerWorker is the number of tasks for each worker.
const tasksPerWorker = 4

// writeTasks runs tasks in parallel. If several fail, it returns the error of the
// first one in order.
func (im *image) writeTasks(w io.WriterAt, tasks []task) error {
	out := &writer{im: im, tasks: batches(tasks)}
	workers := 1
	if im.size >= windows.concurrent {
		workers = parallel.Workers(len(out.tasks), tasksPerWorker)
	}
	out.queue = queue{w: w, most: workers}
	errs := make([]*taskError, workers)
	_ = parallel.Run(workers, func(i int) error { errs[i] = out.run(); return nil })
	var first *taskError
	for _, e := range errs {
		if e != nil && (first == nil || e.task < first.task) {
			first = e
		}
	}
	if first != nil {
		return first.err
	}
	return nil
}

// writer is shared by the workers that write an image.
type writer struct {
	im    *image
	tasks [][]task     // those of a batch are rendered together
	next  atomic.Int64 // the next batch
	queue queue
	// released is the number of inputs that have been released.
	released  int
	releasing sync.Mutex
}

// taskError is the error of a batch.
type taskError struct {
	task int
	err  error
}

// run runs batches until none is left.
func (out *writer) run() *taskError {
	n := 0
	var failed *taskError
	if err := Guard(out.im.obj.Name, func() error { failed = out.doTasks(&n); return nil }); err != nil {
		return &taskError{n, err}
	}
	return failed
}

// doTasks runs batches. n is the current one.
func (out *writer) doTasks(n *int) *taskError {
	for {
		*n = int(out.next.Add(1)) - 1
		if *n >= len(out.tasks) {
			return out.queue.flush()
		}
		batch := out.tasks[*n]
		out.release(batch[0].input)
		if data := out.im.direct(batch); data != nil {
			written, err := out.writeDirect(data, batch[0].off)
			if err != nil {
				return &taskError{*n, err}
			}
			if written {
				continue
			}
		}
		size := uint64(0)
		for i := range batch {
			size += batch[i].size
		}
		b := out.queue.buffer(size)
		render := out.renderWindow
		if batch[0].scattered {
			render = out.renderScattered
		}
		if err := render(batch, b); err != nil {
			return &taskError{*n, err}
		}
		if err := out.queue.put(rendered{task: *n, batch: batch, b: b}); err != nil {
			return err
		}
	}
}

// release releases the inputs that end before an offset, as tasks are in the
// order of the inputs.
func (out *writer) release(before uint64) {
	out.releasing.Lock()
	defer out.releasing.Unlock()
	for ms := out.im.obj.Mapped; out.released < len(ms); out.released++ {
		m := ms[out.released]
		if m.Base+uint64(len(m.Data)) > before {
			return
		}
		m.ReleaseLarge()
	}
}

// direct returns the bytes of a window if they are part of a single input section
// as it is, or nil.
func (im *image) direct(batch []task) []byte {
	t := &batch[0]
	e := &im.extents[t.first]
	if len(batch) > 1 || t.first != t.last || e.kind != contents || t.size < windows.direct {
		return nil
	}
	s, from := e.section, t.begin
	if len(s.Chunks) > 0 {
		i := s.chunkAt(from)
		if i == len(s.Chunks) || s.Chunks[i].Offset > from {
			return nil
		}
		from -= s.Chunks[i].Offset
		s = s.Chunks[i].Section
	}
	if uint64(len(s.Data)) != s.Size || from+t.size > s.Size {
		return nil
	}
	return s.Data[from : from+t.size]
}

// writeDirect writes bytes of an input. It reports false if the system cannot read
// them, as the input was truncated: reading them, to render the window, then
// raises the fault that says so.
func (out *writer) writeDirect(data []byte, off uint64) (written bool, err error) {
	fileio.Populate(data)
	err = out.queue.writeNow(data, off)
	if errors.Is(err, syscall.EFAULT) {
		return false, nil
	}
	return err == nil, err
}

// renderWindow writes the bytes of a batch of one task into b.
func (out *writer) renderWindow(batch []task, b []byte) error {
	t, end := &batch[0], uint64(0)
	for i := t.first; i <= t.last; i++ {
		e, part, from := out.im.part(t, b, i)
		start := e.off + from - t.off
		clear(b[end:start]) // padding
		end = start + uint64(len(part))
		if e.kind != relocs { // which have no gaps
			clear(part)
		}
		if err := out.im.renderPart(e, part, from); err != nil {
			return err
		}
	}
	return nil
}

// part returns extent i of a task, its part of the task's bytes, and the offset
// of that part in the extent.
func (im *image) part(t *task, b []byte, i int) (e *extent, part []byte, from uint64) {
	e = &im.extents[i]
	to := e.size
	if i == t.first {
		from = t.begin
	}
	if i == t.last {
		to = t.until
	}
	return e, b[e.off+from-t.off : e.off+to-t.off], from
}

// renderScattered writes the bytes of scattered tasks into b, one after another.
// It reads one range of the inputs after another and releases it.
func (out *writer) renderScattered(batch []task, b []byte) (err error) {
	clear(b)
	type part struct {
		e    *extent
		b    []byte
		from uint64
		cursor
	}
	var parts []part
	for k := range batch {
		t := &batch[k]
		for i := t.first; i <= t.last; i++ {
			e, bytes, from := out.im.part(t, b, i)
			parts = append(parts, part{e, bytes, from, e.cursor(from)})
		}
		b = b[t.size:]
	}
	for files := out.im.obj.Mapped; ; {
		limit, n := uint64(math.MaxUint64), 0
		for n < len(files) && files[n].Base < files[0].Base+windows.reach {
			n++
		}
		if n < len(files) {
			limit = files[n].Base
		}
		for i := range parts {
			p := &parts[i]
			if p.cursor, err = out.im.renderChunks(p.e, p.b, p.from, p.cursor, limit); err != nil {
				return err
			}
		}
		for _, m := range files[:n] {
			m.ReleaseLarge()
		}
		if files = files[n:]; len(files) == 0 {
			return nil
		}
	}
}
