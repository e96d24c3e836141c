// SPDX-License-Identifier: Apache-2.0

// Package archive reads ar(1) archives: the System V and GNU format, thin
// archives, and BSD long names.
package archive

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

const (
	headerSize = 60 // size of a member header in bytes
	headerEnd  = "`\n"
	// maxName is the maximum length of a member's name in bytes. Without it, a
	// small archive whose members all refer to one long name could use a lot of
	// memory.
	maxName = 4096
)

// Member is a member of an archive.
type Member struct {
	Name   string // as in the archive
	Offset int64  // of its header, for messages
	// Data is the contents, nil for a member of a thin archive, which is a
	// separate file.
	Data []byte
	Path string // of that file, relative to the working directory
}

// Is reports whether data starts like an archive.
func Is(data []byte) bool {
	return bytes.HasPrefix(data, []byte(elfobj.ArchiveMagic)) || bytes.HasPrefix(data, []byte(elfobj.ThinArchiveMagic))
}

// Members calls f for each member of an archive in order, except the symbol
// index and the table of long names, and stops at the first error. The path is
// for messages, and thin archives name their members relative to its directory.
func Members(path string, data []byte, f func(Member) error) error {
	r := &reader{path: path, data: data, thin: bytes.HasPrefix(data, []byte(elfobj.ThinArchiveMagic)), visit: f}
	for off := len(elfobj.ArchiveMagic); off < len(data); {
		next, err := r.member(off)
		if err != nil {
			return err
		}
		off = next
	}
	return nil
}

// reader reads one archive.
type reader struct {
	path  string
	data  []byte
	thin  bool
	long  []byte // the table of long names
	visit func(Member) error
}

func (r *reader) errorf(off int, format string, args ...any) error {
	return &elfobj.Error{Code: errcode.DamagedArchive, File: r.path, Offset: int64(off), What: fmt.Sprintf(format, args...), Advice: "the archive is damaged: rebuild it"}
}

// member reads the member whose header is at off and returns the offset of the
// next one.
func (r *reader) member(off int) (next int, err error) {
	if len(r.data)-off < headerSize {
		if len(bytes.Trim(r.data[off:], "\n")) == 0 {
			return len(r.data), nil // padding
		}
		return 0, r.errorf(off, "truncated member header")
	}
	h := r.data[off : off+headerSize]
	if string(h[58:60]) != headerEnd {
		return 0, r.errorf(off, "not a member header")
	}
	size, err := strconv.ParseUint(strings.TrimRight(string(h[48:58]), " "), 10, 63)
	if err != nil {
		return 0, r.errorf(off+48, "member size is %q, want a number", strings.TrimRight(string(h[48:58]), " "))
	}
	name := strings.TrimRight(string(h[:16]), " ")
	body := off + headerSize
	special := name == "/" || name == "/SYM64/" || name == "//" || strings.HasPrefix(name, "__.SYMDEF")
	stored := size
	if r.thin && !special {
		stored = 0
	}
	if stored > uint64(len(r.data)-body) {
		return 0, r.errorf(off, "member %s of %d bytes extends past the end of the archive", name, size)
	}
	content := r.data[body : body+int(stored) : body+int(stored)]
	next = body + int(stored)
	next += next & 1
	switch {
	case name == "//":
		r.long = content
		return next, nil
	case special:
		return next, nil
	}
	if name, content, err = r.name(off, name, content); err != nil {
		return 0, err
	}
	m := Member{Name: name, Offset: int64(off), Data: content}
	if r.thin {
		m.Data = nil
		if m.Path = name; !filepath.IsAbs(name) {
			m.Path = filepath.Join(filepath.Dir(r.path), name)
		}
	}
	if !strings.HasPrefix(name, "__.SYMDEF") {
		err = r.visit(m)
	}
	return next, err
}

// name resolves a member's name. A BSD long name is at the start of the
// contents and is removed from these.
func (r *reader) name(off int, name string, content []byte) (string, []byte, error) {
	if n, ok := strings.CutPrefix(name, "#1/"); ok {
		size, err := strconv.ParseUint(n, 10, 31)
		if err != nil || size > uint64(len(content)) {
			return "", nil, r.errorf(off, "name of %s bytes extends past the end of the member", n)
		}
		return strings.TrimRight(string(content[:size]), "\x00"), content[size:], nil
	}
	if n, ok := strings.CutPrefix(name, "/"); ok {
		// "/123", or "/123:456" for a member of an archive in a thin archive.
		at, nested, isNested := strings.Cut(n, ":")
		// ar m of GNU binutils ends the field of a name that it keeps with a slash.
		at = strings.TrimRight(strings.TrimSuffix(at, "/"), " ")
		i, err := strconv.ParseUint(at, 10, 31)
		if err != nil || i >= uint64(len(r.long)) {
			return "", nil, r.errorf(off, "name %q is not in the table of long names", name)
		}
		if isNested {
			return "", nil, &elfobj.Error{
				Code: errcode.NestedArchive, File: r.path, Offset: int64(off), What: "thin archive refers to member " + nested + " of another archive",
				Advice: "use that archive as an input instead",
			}
		}
		long := r.long[i:]
		if end := bytes.IndexByte(long[:min(len(long), maxName+1)], '\n'); end >= 0 {
			long = long[:end]
		}
		if len(long) > maxName {
			return "", nil, r.errorf(off, "name %q is longer than %d bytes in the table of long names", name, maxName)
		}
		return strings.TrimSuffix(string(long), "/"), content, nil
	}
	return strings.TrimSuffix(name, "/"), content, nil
}
