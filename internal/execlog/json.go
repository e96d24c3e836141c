// SPDX-License-Identifier: Apache-2.0

package execlog

import (
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// readJSON reads a JSON log: SpawnExec messages in protobuf's JSON, one after
// another.
func readJSON(name string, data []byte, b *builder) error {
	j := &jsonLog{scanner: scanner{data: data}, builder: b}
	for j.peek() != 0 || j.pos < len(data) {
		start := j.pos
		err := j.spawnExec()
		if err == nil {
			err = b.check()
		}
		if err == nil {
			continue
		}
		if start == 0 && len(b.log.Spawns) <= 1 && isForeign(err) {
			return &Error{errcode.LogForeign, name, int64(j.pos), "is JSON, but no execution log: " + err.Error(), adviceForeign}
		}
		return at(name, int64(j.pos), err)
	}
	return nil
}

// isForeign reports whether an error is about what a value means.
func isForeign(err error) bool {
	p, ok := err.(*problem)
	return ok && p.advice == adviceVersion
}

type jsonLog struct {
	scanner
	*builder
	outputs, tools []FileID
	// The strings of a file, as the scanner uses its memory again.
	path, hash, target []byte
}

func (j *jsonLog) unknown(message string, key []byte) error {
	return &problem{errcode.LogVersion, fmt.Sprintf("unknown field: %s has one with the name %.40q", message, key), adviceVersion}
}

// spawnExec reads a SpawnExec. Default values may be left out.
func (j *jsonLog) spawnExec() error {
	s := j.spawn()
	j.outputs, j.tools = j.outputs[:0], j.tools[:0]
	if j.peek() != '{' {
		return j.want("an object")
	}
	known := false
	err := j.object(func(key []byte) (err error) {
		switch string(key) {
		case "commandArgs":
			known = true
			err = j.array(func() error {
				arg, err := j.scanner.string()
				j.args = append(j.args, j.builder.string(arg))
				return err
			})
		case "environmentVariables":
			j.vars, err = j.variables(j.vars)
		case "platform":
			s.Platform, err = j.platformValue()
		case "inputs":
			err = j.array(func() error {
				id, tool, err := j.fileValue()
				j.ids = append(j.ids, id)
				if tool {
					j.tools = append(j.tools, id)
				}
				return err
			})
		case "listedOutputs":
			err = j.array(func() error {
				path, err := j.scanner.string()
				j.paths = append(j.paths, j.builder.string(path))
				return err
			})
		case "actualOutputs":
			err = j.array(func() error {
				id, _, err := j.fileValue()
				j.outputs = append(j.outputs, id)
				return err
			})
		case "remotable":
			s.Remotable, err = j.bool()
		case "cacheable":
			s.Cacheable, err = j.bool()
		case "remoteCacheable":
			s.RemoteCacheable, err = j.bool()
		case "cacheHit":
			s.CacheHit, err = j.bool()
		case "timeoutMillis":
			s.TimeoutMillis, err = j.int()
		case "exitCode":
			var code int64
			code, err = j.int()
			if s.ExitCode = int32(code); err == nil && int64(s.ExitCode) != code {
				err = j.want("an exit code")
			}
		case "mnemonic":
			err = j.text(&s.Mnemonic)
		case "runner":
			err = j.text(&s.Runner)
		case "status":
			err = j.text(&s.Status)
		case "targetLabel":
			err = j.text(&s.Label)
		case "digest":
			var f file
			err = j.digestValue(&f, true)
			s.Digest, s.DigestSize = j.builder.string(f.hash), f.size
		case "metrics", "progressMessage", "walltime":
			err = j.skip(maxDepth)
		default:
			err = j.unknown("SpawnExec", key)
		}
		return err
	})
	if err != nil {
		return err
	}
	if !known {
		return &problem{errcode.LogVersion, "a spawn without commandArgs", adviceVersion}
	}
	j.finish(s, j.outputs, j.tools)
	return nil
}

// text reads a string that many spawns may have.
func (j *jsonLog) text(into *string) error {
	s, err := j.scanner.string()
	*into = j.builder.string(s)
	return err
}

// variables appends an array of objects with a name and a value.
func (j *jsonLog) variables(list []Var) ([]Var, error) {
	err := j.array(func() error {
		var v Var
		err := j.object(func(key []byte) error {
			switch string(key) {
			case "name":
				return j.text(&v.Name)
			case "value":
				return j.text(&v.Value)
			}
			return j.unknown("EnvironmentVariable or Property", key)
		})
		list = append(list, v)
		return err
	})
	return list, err
}

func (j *jsonLog) platformValue() (list []Var, err error) {
	err = j.object(func(key []byte) error {
		if string(key) != "properties" {
			return j.unknown("Platform", key)
		}
		list, err = j.variables(list)
		return err
	})
	j.kept += varCost * int64(len(list))
	return list, err
}

// fileValue reads a File.
func (j *jsonLog) fileValue() (id FileID, tool bool, err error) {
	var f file
	err = j.object(func(key []byte) (err error) {
		var s []byte
		switch string(key) {
		case "path":
			s, err = j.scanner.string()
			j.path = append(j.path[:0], s...)
			f.path = j.path
		case "symlinkTargetPath":
			s, err = j.scanner.string()
			j.target = append(j.target[:0], s...)
			f.target = j.target
		case "isTool":
			tool, err = j.bool()
		case "digest":
			err = j.digestValue(&f, false)
		default:
			err = j.unknown("File", key)
		}
		return err
	})
	if err == nil {
		id, err = j.file(f)
	}
	return id, tool, err
}

// digestValue reads a Digest.
func (j *jsonLog) digestValue(f *file, action bool) error {
	return j.object(func(key []byte) (err error) {
		var s []byte
		switch string(key) {
		case "hash":
			s, err = j.scanner.string()
			j.hash = append(j.hash[:0], s...)
			f.hash = j.hash
		case "sizeBytes":
			f.size, err = j.int()
		case "hashFunctionName":
			// The digest of the action has another spelling: SHA256 instead of SHA-256.
			if s, err = j.scanner.string(); err == nil && !action {
				err = j.hashFunction(s)
			}
		default:
			err = j.unknown("Digest", key)
		}
		return err
	})
}
