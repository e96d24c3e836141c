// SPDX-License-Identifier: Apache-2.0

package execlog

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

const (
	// zstdWindow is how many bytes a zstd frame may refer back by: the largest window of the
	// levels 1 to 22. Of a larger one, no more is used than is unpacked.
	zstdWindow = 128 << 20
	// maxUnpacked is how many bytes a log may have when it is unpacked, which bounds the time
	// that a small file can take.
	maxUnpacked = 16 << 30
	// maxEntry is how many bytes an entry may have. A spawn's command line has 2 MiB at most,
	// but a directory of a million files 150 MiB.
	maxEntry = 512 << 20
	// readSize is how many bytes are read at once.
	readSize = 1 << 18
)

// readCompact reads a compact log: zstd of ExecLogEntry messages, each after its
// length.
func readCompact(name string, data []byte, b *builder) error {
	// With one decoder at a time, it has no goroutines.
	z, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
	if err != nil {
		return unpackError(name, 0, err)
	}
	defer z.Close()
	c := &compact{builder: b, refs: map[uint32]ref{}, symlinkSets: [][]symlinkEntry{nil}, symlinkTransitive: [][]uint32{nil}}
	in := bufio.NewReaderSize(z, readSize)
	var entry []byte
	for pos := int64(0); ; {
		size, err := binary.ReadUvarint(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return unpackError(name, pos, err)
		}
		switch {
		case pos == 0 && size == 0:
			return &Error{errcode.LogForeign, name, pos, "no entry of an execution log", adviceForeign}
		case size > maxEntry:
			return &Error{errcode.LogDamaged, name, pos, "an entry of " + decimal(size) + " bytes", adviceDamaged}
		case pos+int64(size) > maxUnpacked:
			return &Error{errcode.LogTooLarge, name, pos, "the log has more than 16 GiB when it is unpacked", adviceLarge}
		}
		if entry, err = readEntry(in, entry[:0], int(size)); err != nil {
			return unpackError(name, pos, err)
		}
		if err = c.entry(entry); err == nil {
			err = b.check()
		}
		if err != nil {
			return at(name, pos, err)
		}
		pos += int64(protowireSize(size)) + int64(size)
	}
}

func protowireSize(v uint64) int {
	var b [binary.MaxVarintLen64]byte
	return binary.PutUvarint(b[:], v)
}

// unpackError describes an error of unpacking after pos bytes.
func unpackError(name string, pos int64, err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{errcode.LogTruncated, name, pos, "the log ends inside an entry", adviceCut}
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return &Error{errcode.LogForeign, name, pos, "its zstd window is larger than 128 MiB", adviceForeign}
	}
	return &Error{errcode.LogDamaged, name, pos, "cannot be unpacked: " + err.Error(), adviceDamaged}
}

// readEntry reads size bytes, with memory for no more than are there.
func readEntry(r io.Reader, b []byte, size int) ([]byte, error) {
	for len(b) < size {
		n := min(size-len(b), max(len(b), readSize))
		b = slices.Grow(b, n)[:len(b)+n]
		if _, err := io.ReadFull(r, b[len(b)-n:]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// ref is what an ID of the log refers to.
type ref struct {
	kind  refKind
	index uint32
}

type refKind uint8

const (
	refFile      refKind = iota // index: a FileID
	refDirectory                // a SetID
	refInputs                   // a SetID
	refSymlinks                 // of compact.symlinkSets
)

func (k refKind) String() string {
	return [...]string{"a file", "a directory", "an input set", "a set of runfiles symlinks"}[k]
}

// compact reads the entries of a compact log.
type compact struct {
	*builder
	refs              map[uint32]ref
	workspace         string // the runfiles directory of the main repository
	sibling           bool   // external repositories are beside the main one
	symlinkSets       [][]symlinkEntry
	symlinkTransitive [][]uint32
	flat              *Flattener
}

// find returns what an earlier entry defined.
func (c *compact) find(id uint32) (ref, error) {
	r, ok := c.refs[id]
	if !ok {
		return r, damaged("refers to entry %d, which is not before it", id)
	}
	return r, nil
}

// findSet returns the input set of an ID; 0 is the empty one.
func (c *compact) findSet(id uint32) (SetID, error) {
	if id == 0 {
		return 0, nil
	}
	r, err := c.find(id)
	if err == nil && r.kind != refInputs {
		err = damaged("refers to entry %d, which is %s, as an input set", id, r.kind)
	}
	return SetID(r.index), err
}

// entry decodes an ExecLogEntry.
func (c *compact) entry(data []byte) error {
	var id uint32
	var payload field
	err := fields("ExecLogEntry", data, func(f field) error {
		switch {
		case f.tag == entryID:
			id = uint32(f.v)
		case payload.tag != 0:
			return damaged("an entry of two types")
		default:
			payload = f
		}
		return nil
	})
	if err != nil {
		return err
	}
	var r ref
	switch payload.tag {
	case entryInvocation:
		return c.invocation(payload.b)
	case entrySpawn:
		return c.spawnEntry(payload.b)
	case entryAction:
		return c.action(payload.b)
	case entryFile:
		r, err = c.fileEntry(payload.b)
	case entryDirectory:
		r, err = c.directory(payload.b)
	case entrySymlink:
		r, err = c.unresolved(payload.b)
	case entryInputSet:
		r, err = c.inputSet(payload.b)
	case entrySymlinks:
		r, err = c.symlinks(payload.b)
	case entryRunfiles:
		r, err = c.runfiles(payload.b)
	case 0:
		return damaged("an entry without a type")
	default:
		return &problem{errcode.LogVersion, "unknown type of entry: number " + decimal(payload.tag>>3), adviceVersion}
	}
	if err != nil || id == 0 {
		return err
	}
	if _, ok := c.refs[id]; ok {
		return damaged("a second entry %d", id)
	}
	c.refs[id] = r
	c.kept += stringCost
	return nil
}

func (c *compact) invocation(data []byte) error {
	return fields("Invocation", data, func(f field) error {
		switch f.tag {
		case invocationFunction:
			return c.hashFunction(f.b)
		case invocationWorkspace:
			c.workspace = string(f.b)
		case invocationSibling:
			c.sibling = f.bool()
		case invocationID:
			c.log.Invocation = string(f.b)
		default:
			return unknown("Invocation", f)
		}
		return nil
	})
}

func (c *compact) action(data []byte) error {
	var a SymlinkAction
	err := fields("SymlinkAction", data, func(f field) error {
		switch f.tag {
		case actionInput:
			a.Input = c.string(f.b)
		case actionOutput:
			a.Output = c.string(f.b)
		case actionLabel:
			a.Label = c.string(f.b)
		case actionMnemonic:
			a.Mnemonic = c.string(f.b)
		default:
			return unknown("SymlinkAction", f)
		}
		return nil
	})
	c.log.Symlinks = append(c.log.Symlinks, a)
	c.kept += 4 * argCost
	return err
}
