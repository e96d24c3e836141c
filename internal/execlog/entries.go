// SPDX-License-Identifier: Apache-2.0

package execlog

import "slices"

// decodeFile decodes a File of a compact log.
func (c *compact) decodeFile(data []byte) (e file, err error) {
	err = fields("File", data, func(f field) error {
		switch f.tag {
		case filePath:
			e.path = f.b
		case fileDigest:
			return c.digest(f.b, &e, false)
		default:
			return unknown("File", f)
		}
		return nil
	})
	return e, err
}

func (c *compact) fileEntry(data []byte) (ref, error) {
	e, err := c.decodeFile(data)
	if err != nil {
		return ref{}, err
	}
	id, err := c.file(e)
	return ref{refFile, uint32(id)}, err
}

// directory decodes a Directory, of which the files are relative to it.
func (c *compact) directory(data []byte) (ref, error) {
	var path []byte
	var set Set
	files := 0
	err := fields("Directory", data, func(f field) error {
		switch f.tag {
		case directoryPath:
			path = f.b
		case directoryFile:
			files++
		default:
			return unknown("Directory", f)
		}
		return nil
	})
	if err != nil {
		return ref{}, err
	}
	set.Path, set.Files = string(path), make([]FileID, 0, files)
	prefix := append(slices.Clone(path), '/')
	err = fields("Directory", data, func(f field) error {
		if f.tag != directoryFile {
			return nil
		}
		e, err := c.decodeFile(f.b)
		if err != nil {
			return err
		}
		prefix = append(prefix[:len(path)+1], e.path...)
		e.path = prefix
		id, err := c.file(e)
		set.Files = append(set.Files, id)
		return err
	})
	return ref{refDirectory, uint32(c.addSet(set))}, err
}

func (c *compact) unresolved(data []byte) (ref, error) {
	var e file
	err := fields("UnresolvedSymlink", data, func(f field) error {
		switch f.tag {
		case symlinkPath:
			e.path = f.b
		case symlinkTarget:
			e.target = f.b
		default:
			return unknown("UnresolvedSymlink", f)
		}
		return nil
	})
	if err != nil {
		return ref{}, err
	}
	id, err := c.file(e)
	return ref{refFile, uint32(id)}, err
}

func (c *compact) inputSet(data []byte) (ref, error) {
	c.ids, c.sets = c.ids[:0], c.sets[:0]
	err := fields("InputSet", data, func(f field) error {
		if f.tag&7 != length && f.tag&7 != varint {
			return unknown("InputSet", f)
		}
		switch f.tag >> 3 {
		case setTransitive:
			return ids("InputSet", f, func(id uint32) error {
				set, err := c.findSet(id)
				if set != 0 {
					c.sets = append(c.sets, set)
				}
				return err
			})
		case setFiles, setDirectories, setSymlinks, setInputs:
			return ids("InputSet", f, func(id uint32) error {
				r, err := c.find(id)
				switch {
				case err != nil:
				case r.kind == refFile:
					c.ids = append(c.ids, FileID(r.index))
				case r.kind == refDirectory:
					c.sets = append(c.sets, SetID(r.index))
				default:
					err = damaged("refers to entry %d, which is %s, as an input", id, r.kind)
				}
				return err
			})
		}
		return unknown("InputSet", f)
	})
	if err != nil {
		return ref{}, err
	}
	return ref{refInputs, uint32(c.addSet(Set{Files: slices.Clone(c.ids), Sets: slices.Clone(c.sets)}))}, nil
}

// output decodes an Output, adds its path to the declared ones and its files to files.
func (c *compact) output(data []byte, files []FileID) ([]FileID, error) {
	err := fields("Output", data, func(f field) error {
		switch f.tag {
		case outputInvalid:
			c.paths = append(c.paths, c.string(f.b))
		case outputFile, outputDirectory, outputSymlink, outputID:
			r, err := c.find(uint32(f.v))
			switch {
			case err != nil:
				return err
			case r.kind == refFile:
				c.paths = append(c.paths, c.log.Files[r.index].Path)
				files = append(files, FileID(r.index))
			case r.kind == refDirectory:
				set := &c.log.Sets[r.index]
				c.paths = append(c.paths, set.Path)
				files = append(files, set.Files...)
			default:
				return damaged("refers to entry %d, which is %s, as an output", f.v, r.kind)
			}
		default:
			return unknown("Output", f)
		}
		return nil
	})
	return files, err
}

// spawnEntry decodes a Spawn.
func (c *compact) spawnEntry(data []byte) error {
	s := c.spawn()
	var outputs []FileID
	err := fields("Spawn", data, func(f field) error {
		var err error
		switch f.tag {
		case spawnArg:
			c.args = append(c.args, c.string(f.b))
		case spawnEnv:
			var v Var
			v, err = c.variable("EnvironmentVariable", f.b)
			c.vars = append(c.vars, v)
		case spawnPlatform:
			s.Platform, err = c.platform(f.b)
		case spawnInputs:
			s.Inputs, err = c.findSet(uint32(f.v))
		case spawnTools:
			s.Tools, err = c.findSet(uint32(f.v))
		case spawnOutput:
			outputs, err = c.output(f.b, outputs)
		case spawnLabel:
			s.Label = c.string(f.b)
		case spawnMnemonic:
			s.Mnemonic = c.string(f.b)
		case spawnExitCode:
			s.ExitCode = int32(f.v)
		case spawnStatus:
			s.Status = c.string(f.b)
		case spawnRunner:
			s.Runner = c.string(f.b)
		case spawnCacheHit:
			s.CacheHit = f.bool()
		case spawnRemotable:
			s.Remotable = f.bool()
		case spawnCacheable:
			s.Cacheable = f.bool()
		case spawnRemoteCacheable:
			s.RemoteCacheable = f.bool()
		case spawnDigest:
			var d file
			err = c.digest(f.b, &d, true)
			s.Digest, s.DigestSize = c.string(d.hash), d.size
		case spawnTimeout:
			s.TimeoutMillis = int64(f.v)
		case spawnMetrics:
		default:
			return unknown("Spawn", f)
		}
		return err
	})
	c.finish(s, outputs, nil)
	return err
}
