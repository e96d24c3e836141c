// SPDX-License-Identifier: Apache-2.0

package execlog

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// readBinary reads a binary log: SpawnExec messages, each after its length.
func readBinary(name string, data []byte, b *builder) error {
	for pos := 0; pos < len(data); {
		size, n := protowire.ConsumeVarint(data[pos:])
		if n < 0 || size == 0 {
			if len(data)-pos < maxVarint && n < 0 && pos > 0 {
				return &Error{errcode.LogTruncated, name, int64(pos), "the log ends inside the length of a spawn", adviceCut}
			}
			return &Error{errcode.LogForeign, name, int64(pos), "no spawn of an execution log", adviceForeign}
		}
		start := pos + n
		if size > uint64(len(data)-start) {
			// A text, or an object, has a length here that is none.
			if pos == 0 && b.spawnExec(data[start:]) != nil && !beginsSpawnExec(data[start:]) {
				return &Error{errcode.LogForeign, name, -1, "is no execution log", adviceForeign}
			}
			return &Error{errcode.LogTruncated, name, int64(pos), "the log ends inside a spawn: it has " + decimal(size) + " bytes, of which " + decimal(uint64(len(data)-start)) + " are there", adviceCut}
		}
		if err := b.spawnExec(data[start : start+int(size)]); err != nil {
			if pos == 0 && !beginsSpawnExec(data[start:start+int(size)]) {
				return &Error{errcode.LogForeign, name, -1, "is no execution log", adviceForeign}
			}
			return at(name, int64(pos), err)
		}
		if err := b.check(); err != nil {
			return at(name, int64(pos), err)
		}
		pos = start + int(size)
	}
	return nil
}

// maxVarint is how many bytes a varint has at most.
const maxVarint = 10

// beginsSpawnExec reports whether data begins with a whole field that a SpawnExec may
// begin with: the command, which every spawn has, is the first.
func beginsSpawnExec(data []byte) bool {
	tag, n := protowire.ConsumeVarint(data)
	if n < 0 || tag != execArg {
		return false
	}
	_, m := protowire.ConsumeBytes(data[n:])
	return m >= 0
}

// What one of these needs, in bytes.
const (
	argCost = 16
	varCost = 32
)

// spawnExec decodes a SpawnExec.
func (b *builder) spawnExec(data []byte) error {
	s := b.spawn()
	var outputs, tools []FileID
	err := fields("SpawnExec", data, func(f field) error {
		var err error
		switch f.tag {
		case execArg:
			b.args = append(b.args, b.string(f.b))
		case execEnv:
			var v Var
			v, err = b.variable("EnvironmentVariable", f.b)
			b.vars = append(b.vars, v)
		case execPlatform:
			s.Platform, err = b.platform(f.b)
		case execInput:
			var id FileID
			var tool bool
			if id, tool, err = b.execFile(f.b); tool {
				tools = append(tools, id)
			}
			b.ids = append(b.ids, id)
		case execListed:
			b.paths = append(b.paths, b.string(f.b))
		case execRemotable:
			s.Remotable = f.bool()
		case execCacheable:
			s.Cacheable = f.bool()
		case execTimeout:
			s.TimeoutMillis = int64(f.v)
		case execMnemonic:
			s.Mnemonic = b.string(f.b)
		case execOutput:
			var id FileID
			id, _, err = b.execFile(f.b)
			outputs = append(outputs, id)
		case execRunner:
			s.Runner = b.string(f.b)
		case execCacheHit:
			s.CacheHit = f.bool()
		case execStatus:
			s.Status = b.string(f.b)
		case execExitCode:
			s.ExitCode = int32(f.v)
		case execRemoteCacheable:
			s.RemoteCacheable = f.bool()
		case execLabel:
			s.Label = b.string(f.b)
		case execDigest:
			var d file
			err = b.digest(f.b, &d, true)
			s.Digest, s.DigestSize = b.string(d.hash), d.size
		case execProgress, execWalltime, execMetrics:
		default:
			return unknown("SpawnExec", f)
		}
		return err
	})
	b.finish(s, outputs, tools)
	return err
}

// finish gives a spawn its lists.
func (b *builder) finish(s *Spawn, outputs, tools []FileID) {
	s.Args, s.Env = keep(b, b.args, argCost), keep(b, b.vars, varCost)
	slices.Sort(b.paths)
	s.Listed = keep(b, slices.Compact(b.paths), argCost)
	slices.SortFunc(outputs, func(x, y FileID) int { return cmp.Compare(b.log.Files[x].Path, b.log.Files[y].Path) })
	s.Outputs = keep(b, outputs, refCost)
	if len(b.ids) > 0 {
		s.Inputs = b.inputs(b.ids)
	}
	if len(tools) > 0 {
		s.Tools = b.inputs(tools)
	}
}

// execFile decodes a File of a SpawnExec.
func (b *builder) execFile(data []byte) (id FileID, tool bool, err error) {
	var e file
	err = fields("File", data, func(f field) error {
		switch f.tag {
		case filePath:
			e.path = f.b
		case fileDigest:
			return b.digest(f.b, &e, false)
		case fileTool:
			tool = f.bool()
		case fileTarget:
			e.target = f.b
		default:
			return unknown("File", f)
		}
		return nil
	})
	if err == nil {
		id, err = b.file(e)
	}
	return id, tool, err
}
