package elfobj

import (
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
)

// ReadFile reads an object from a file, into which it points; Close of the
// returned mapping ends the use of the object.
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

// Mapping is a file in memory for reading: mapped, or read when it is tiny.
type Mapping struct {
	Data   []byte
	before uint64 // bytes of the inputs before it, when an object is written that points into them
}

// tinyFile is the size in bytes up to which a file is read instead of mapped.
// That saves a link of 32 such objects 45 µs of 2.3 ms, and many thousands the
// limit of mappings that a process may have (vm.max_map_count).
const tinyFile = 1 << 15

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
	if st.Size <= tinyFile {
		data, err := readTiny(fd, int(st.Size))
		if err != nil {
			return nil, &Error{File: path, Offset: -1, What: "cannot be read: " + cause(err)}
		}
		return &Mapping{Data: data}, nil
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

// readTiny reads a file of a known size.
func readTiny(fd, size int) ([]byte, error) {
	b := tiny.take(size)
	for n := 0; n < size; {
		k, err := syscall.Read(fd, b[n:])
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return nil, err
		case k == 0:
			return nil, io.ErrUnexpectedEOF // somebody shortened it just now
		default:
			n += k
		}
	}
	return b, nil
}

// tiny is memory for the contents of tiny files. They stay to the end of a
// link, so that it is taken from the allocator in large pieces.
var tiny pool

type pool struct {
	mu   sync.Mutex
	free []byte
}

// take returns n bytes.
func (p *pool) take(n int) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n > len(p.free) {
		p.free = make([]byte, 8*tinyFile)
	}
	b := p.free[:n:n]
	p.free = p.free[n:]
	return b
}

// Guard calls f. When a mapped file has shrunk since, to read where its end was is
// a fault that would end the process; during f it is an error about name. Only
// the calling goroutine is guarded.
func Guard(name string, f func() error) (err error) {
	if Fault(func() { err = f() }) != nil {
		err = &Error{File: name, Offset: -1, What: "an input changed while it was read", Advice: "build again"}
	}
	return err
}

// Fault calls f and returns the fault that ended it, or nil. To panic with it on
// another goroutine makes it a fault of that one.
func Fault(f func()) (fault any) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault = recover(); fault != nil {
			if _, ok := fault.(interface{ Addr() uintptr }); !ok {
				panic(fault)
			}
		}
	}()
	f()
	return nil
}

// Close ends the mapping.
func (m *Mapping) Close() {
	if len(m.Data) > tinyFile {
		_ = syscall.Munmap(m.Data)
	}
	m.Data = nil
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
	f, err := createTemp(path)
	if err != nil {
		return fail(err)
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = syscall.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fail(err)
	}
	return nil
}

// createTemp creates a file for what becomes path, beside it. Unlike
// os.CreateTemp it gives it the permissions of any new file, so that nobody has
// to read the umask, and does not register it with the poller: a dozen system
// calls less.
func createTemp(path string) (*os.File, error) {
	prefix := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".")
	// The process's number is free unless another machine or container writes
	// to the folder, or a process was killed there.
	for n := os.Getpid(); ; n++ {
		name := prefix + strconv.Itoa(n)
		fd, err := syscall.Open(name, syscall.O_RDWR|syscall.O_CREAT|syscall.O_EXCL|syscall.O_CLOEXEC, 0o666)
		switch err {
		case nil:
			return os.NewFile(uintptr(fd), name), nil
		case syscall.EEXIST, syscall.EINTR:
		default:
			return nil, err
		}
	}
}
