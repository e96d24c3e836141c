package elfobj

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
)

// ReadFile reads an object from a file. The file is mapped, not copied; Close
// of the returned mapping ends the use of the object.
func ReadFile(path string) (*Object, *Mapping, error) {
	m, err := Map(path)
	if err != nil {
		return nil, nil, err
	}
	o, err := Parse(path, m.Data)
	if err != nil {
		m.Close()
		return nil, nil, err
	}
	return o, m, nil
}

// Mapping is a file mapped into memory for reading.
type Mapping struct {
	Data []byte
}

// smallFile is the size in bytes up to which a file is read when it is mapped.
const smallFile = 1 << 20

// ReleaseLarge gives the memory back that holds the contents of a file that is
// worth the call, until they are looked at again.
func (m *Mapping) ReleaseLarge() {
	if len(m.Data) > smallFile {
		_ = syscall.Madvise(m.Data, syscall.MADV_DONTNEED)
	}
}

// Map maps a regular file. Directories, devices and unreadable files give an
// error that says which.
func Map(path string) (*Mapping, error) {
	// os.Open would register each file with the poller, for nothing.
	fd, err := open(path)
	if err != nil {
		return nil, &Error{File: path, Offset: -1, What: "cannot be opened: " + cause(err), Advice: "check the path and its permissions"}
	}
	defer syscall.Close(fd)
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return nil, &Error{File: path, Offset: -1, What: "cannot be read: " + cause(err)}
	}
	switch {
	case st.Mode&syscall.S_IFMT == syscall.S_IFDIR:
		return nil, &Error{File: path, Offset: -1, What: "is a directory", Advice: "name the objects in it"}
	case st.Mode&syscall.S_IFMT != syscall.S_IFREG:
		return nil, &Error{File: path, Offset: -1, What: "is not a regular file", Advice: "copy it to one"}
	case st.Size == 0:
		return &Mapping{}, nil
	case int64(int(st.Size)) != st.Size:
		return nil, &Error{File: path, Offset: -1, What: "is too large for this machine"}
	}
	flags := syscall.MAP_PRIVATE
	if st.Size <= smallFile {
		flags |= syscall.MAP_POPULATE // one call instead of a fault for each part
	}
	data, err := syscall.Mmap(fd, 0, int(st.Size), syscall.PROT_READ, flags)
	if err != nil {
		return nil, &Error{File: path, Offset: -1, What: "cannot be mapped: " + cause(err)}
	}
	return &Mapping{Data: data}, nil
}

// open opens a file for reading. O_NONBLOCK keeps a named pipe, which is
// refused afterwards, from waiting for a writer.
func open(path string) (int, error) {
	for {
		fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
		if err != syscall.EINTR {
			return fd, err
		}
	}
}

// Close ends the mapping.
func (m *Mapping) Close() {
	if m.Data != nil {
		_ = syscall.Munmap(m.Data)
		m.Data = nil
	}
}

// cause is the reason of a file error without its operation and path, which
// the message names already.
func cause(err error) string {
	switch e := err.(type) {
	case *os.PathError:
		return e.Err.Error()
	case *os.LinkError:
		return e.Err.Error()
	}
	return err.Error()
}

// WriteFile writes the object to a file. It writes to a temporary file in the
// same folder and renames it, so that an error leaves what was there before.
// The bytes depend on the object alone.
func (o *Object) WriteFile(path string) error {
	im, err := o.layout()
	if err != nil {
		return err
	}
	return Atomically(path, func(f *os.File) error {
		if im.size > window {
			if err := f.Truncate(int64(im.size)); err != nil {
				return err
			}
		}
		return im.write(f)
	})
}

// Bytes returns the object as the bytes of a file.
func (o *Object) Bytes() ([]byte, error) {
	im, err := o.layout()
	if err != nil {
		return nil, err
	}
	b := make(memory, im.size)
	if err := im.write(b); err != nil {
		return nil, err
	}
	return b, nil
}

// memory is a file of a fixed size in memory.
type memory []byte

func (m memory) WriteAt(p []byte, off int64) (int, error) { return copy(m[off:], p), nil }

// Atomically makes a file by way of a temporary one in the same folder: either
// path gets all that write wrote, or nothing changes.
func Atomically(path string, write func(*os.File) error) error {
	fail := func(err error) error {
		if e, ok := err.(*Error); ok {
			return e
		}
		return &Error{File: path, Offset: -1, What: "cannot be written: " + cause(err), Advice: "check that the folder exists, is writable and has room"}
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return &Error{File: path, Offset: -1, What: "cannot be written: is a directory", Advice: "give the path of a file"}
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fail(err)
	}
	err = write(f)
	if err == nil {
		err = f.Chmod(0o666 &^ umask())
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fail(err)
	}
	return nil
}

// umask reads the process's file mode mask, which the kernel gives only in
// exchange for another.
var umask = sync.OnceValue(func() os.FileMode {
	m := syscall.Umask(0o022)
	syscall.Umask(m)
	return os.FileMode(m)
})

// window is how many bytes of output are made and written at a time: few
// enough to stay in a processor's cache between the two.
const window = 1 << 20

// releaseEvery says after how many windows inputs are released: the memory that
// a link of large inputs needs does not grow with what is already written.
const releaseEvery = 32

// task is a part of the file that one write covers.
type task struct {
	off, size    uint64
	first, last  int    // extents
	begin, until uint64 // bytes of the first and the last extent
	input        int    // the first input that it holds something of
}

// write renders the image and writes it, in windows, on all processors.
func (im *image) write(w io.WriterAt) error {
	tasks := im.tasks()
	workers := max(1, min(runtime.GOMAXPROCS(0), len(tasks)/4))
	out := &writer{im: im, w: w, tasks: tasks}
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for i := range workers - 1 {
		wg.Go(func() { errs[i] = out.run() })
	}
	errs[workers-1] = out.run()
	wg.Wait()
	// The error of the first task, whichever worker found it.
	var first *taskError
	for _, err := range errs {
		if e, ok := err.(*taskError); ok && (first == nil || e.task < first.task) {
			first = e
		}
	}
	if first != nil {
		return first.err
	}
	return nil
}

// writer is what the workers that write an image share.
type writer struct {
	im    *image
	tasks []task
	next  atomic.Int64 // task to do
	// writing is held during writes: two at a time to one file only wait for
	// each other in the kernel, without letting the processor go.
	writing sync.Mutex
	w       io.WriterAt
}

// taskError remembers which task failed.
type taskError struct {
	task int
	err  error
}

func (e *taskError) Error() string { return e.err.Error() }

// tasks cuts the file into windows, in the order of the inputs that they hold:
// so inputs are read once from the first to the last, and not for each section
// of the output again.
func (im *image) tasks() []task {
	var ts []task
	t := task{}
	flush := func() {
		if t.size > 0 {
			t.input = im.inputOf(t)
			ts = append(ts, t)
		}
	}
	for i, e := range im.extents {
		for from := uint64(0); from < e.size; {
			if t.size > 0 && e.off+from-t.off >= window {
				flush() // padding leads out of the window
				t = task{}
			}
			if t.size == 0 {
				t = task{off: e.off + from, first: i, begin: from}
			}
			room := window - min(window, e.off+from-t.off)
			n := min(e.size-from, max(room/uint64(e.unit)*uint64(e.unit), uint64(e.unit)))
			from += n
			t.last, t.until, t.size = i, from, e.off+from-t.off
			if t.size >= window-relaSize*4 {
				flush()
				t = task{}
			}
		}
	}
	flush()
	slices.SortStableFunc(ts, func(a, b task) int { return a.input - b.input })
	return ts
}

// inputOf is the place among the inputs of the object that the first bytes of a
// task come from; what the linker made comes last.
func (im *image) inputOf(t task) int {
	for i := t.first; i <= t.last; i++ {
		e := &im.extents[i]
		if e.section == nil || len(e.section.Chunks) == 0 {
			continue
		}
		c := e.chunk
		if e.kind == contents && i == t.first {
			c = e.section.chunkAt(t.begin)
		}
		for ; c < len(e.section.Chunks); c++ {
			if o := e.section.Chunks[c].Section.Object; o != nil {
				return o.Order
			}
		}
	}
	return math.MaxInt
}

// run does tasks until none is left.
func (out *writer) run() (err error) {
	var buf []byte
	n := -1
	// A mapped input that shrinks while it is read faults; that is an error
	// of this link, not the end of the process.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			if _, fault := p.(interface{ Addr() uintptr }); !fault {
				panic(p)
			}
			err = &taskError{n, &Error{File: out.im.obj.Name, Offset: -1, What: "an input changed while it was read", Advice: "build again"}}
		}
	}()
	for {
		n = int(out.next.Add(1)) - 1
		if n >= len(out.tasks) {
			return nil
		}
		t := &out.tasks[n]
		if uint64(cap(buf)) < t.size {
			buf = make([]byte, max(t.size, min(window, out.im.size)))
		}
		b := buf[:t.size]
		clear(b)
		if err := out.im.renderTask(t, b); err != nil {
			return &taskError{n, err}
		}
		if err := out.writeAt(b, t.off); err != nil {
			return &taskError{n, fmt.Errorf("at %#x: %s", t.off, cause(err))}
		}
		if n%releaseEvery == releaseEvery-1 {
			for _, m := range out.im.obj.Mapped {
				m.ReleaseLarge()
			}
		}
	}
}

// renderTask writes the bytes of a task into b, which is zero.
func (im *image) renderTask(t *task, b []byte) error {
	for i := t.first; i <= t.last; i++ {
		e := &im.extents[i]
		from, to := uint64(0), e.size
		if i == t.first {
			from = t.begin
		}
		if i == t.last {
			to = t.until
		}
		if err := im.render(e, b[e.off+from-t.off:e.off+to-t.off], from); err != nil {
			return err
		}
	}
	return nil
}

func (out *writer) writeAt(b []byte, off uint64) error {
	out.writing.Lock()
	defer out.writing.Unlock()
	_, err := out.w.WriteAt(b, int64(off))
	return err
}
