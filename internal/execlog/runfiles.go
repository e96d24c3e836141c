// SPDX-License-Identifier: Apache-2.0

package execlog

import "strings"

// symlinkEntry is a runfile at a path of its own.
type symlinkEntry struct {
	path   string // relative
	target uint32 // an entry's ID; 0: an empty file
}

// symlinks decodes a SymlinkEntrySet.
func (c *compact) symlinks(data []byte) (ref, error) {
	var entries []symlinkEntry
	var sets []uint32
	err := fields("SymlinkEntrySet", data, func(f field) error {
		switch {
		case f.tag == symlinksEntry:
			var e symlinkEntry
			err := fields("DirectEntriesEntry", f.b, func(f field) error {
				switch f.tag {
				case symlinksKey:
					e.path = c.string(f.b)
				case symlinksValue:
					e.target = uint32(f.v)
				default:
					return unknown("DirectEntriesEntry", f)
				}
				return nil
			})
			if err == nil && e.target != 0 {
				_, err = c.find(e.target)
			}
			entries = append(entries, e)
			c.kept += varCost
			return err
		case f.tag>>3 == symlinksTransitive:
			return ids("SymlinkEntrySet", f, func(id uint32) error {
				r, err := c.findSymlinks(id)
				sets = append(sets, r)
				c.kept += refCost
				return err
			})
		}
		return unknown("SymlinkEntrySet", f)
	})
	c.symlinkSets = append(c.symlinkSets, entries)
	c.symlinkTransitive = append(c.symlinkTransitive, sets)
	c.kept += setCost
	return ref{refSymlinks, uint32(len(c.symlinkSets) - 1)}, err
}

// findSymlinks returns the index of a symlink set; 0 is the empty one.
func (c *compact) findSymlinks(id uint32) (uint32, error) {
	if id == 0 {
		return 0, nil
	}
	r, err := c.find(id)
	if err == nil && r.kind != refSymlinks {
		err = damaged("refers to entry %d, which is %s, as a set of runfiles symlinks", id, r.kind)
	}
	return r.index, err
}

// tree is a runfiles tree that is being put together. Of two files at one path, the
// later is there.
type tree struct {
	c            *compact
	path         string
	legacy       bool // external repositories are also in external/
	hasWorkspace bool // something is in the main repository's directory
	files        []FileID
	at           map[string]int // an index of files
}

// put puts a file at a path relative to the tree.
func (t *tree) put(path string, f *File) error {
	full := t.path + "/" + path
	id, err := t.c.file(file{path: []byte(full), hash: []byte(f.Hash), target: []byte(f.Target), size: f.Size})
	if err != nil {
		return err
	}
	if i, ok := t.at[full]; ok {
		t.files[i] = id
		return nil
	}
	t.at[full] = len(t.files)
	t.files = append(t.files, id)
	t.c.kept += refCost
	// One entry may refer to all others, and many entries may do that.
	return t.c.check()
}

// runfiles decodes a RunfilesTree and puts the tree together in the order that Bazel
// does (spawn.proto and SpawnLogReconstructor of 7.7): symlinks, artifacts, empty
// files, root symlinks, repository mapping, .runfile.
func (c *compact) runfiles(data []byte) (ref, error) {
	t := tree{c: c, at: map[string]int{}}
	var inputs SetID
	var symlinks, roots uint32
	var empty []string
	var mapping *File
	err := fields("RunfilesTree", data, func(f field) (err error) {
		switch f.tag {
		case runfilesRoot:
			t.path = string(f.b)
		case runfilesInputs:
			inputs, err = c.findSet(uint32(f.v))
		case runfilesSymlinks:
			symlinks, err = c.findSymlinks(uint32(f.v))
		case runfilesRootSymlinks:
			roots, err = c.findSymlinks(uint32(f.v))
		case runfilesEmpty:
			empty = append(empty, string(f.b))
		case runfilesMapping:
			var e file
			if e, err = c.decodeFile(f.b); err == nil {
				mapping = &File{Hash: string(e.hash), Size: e.size}
			}
		case runfilesLegacy:
			t.legacy = f.bool()
		default:
			err = unknown("RunfilesTree", f)
		}
		return err
	})
	if err == nil {
		err = t.fill(inputs, symlinks, roots, empty, mapping)
	}
	if err != nil {
		return ref{}, err
	}
	return ref{refDirectory, uint32(c.addSet(Set{Path: t.path, Files: t.files}))}, nil
}

func (t *tree) fill(inputs SetID, symlinks, roots uint32, empty []string, mapping *File) error {
	if err := t.symlinks(symlinks, false); err != nil {
		return err
	}
	if err := t.artifacts(inputs); err != nil {
		return err
	}
	for _, path := range empty {
		if err := t.put(t.inWorkspace(path), &File{}); err != nil {
			return err
		}
	}
	if err := t.symlinks(roots, true); err != nil {
		return err
	}
	if mapping != nil {
		if err := t.put("_repo_mapping", mapping); err != nil {
			return err
		}
	}
	if !t.legacy && !t.hasWorkspace {
		return t.put(t.c.workspace+"/.runfile", &File{})
	}
	return nil
}

// inWorkspace returns the path in the tree of one that is relative to the directory of
// the main repository.
func (t *tree) inWorkspace(path string) string {
	if outside, ok := strings.CutPrefix(path, "../"); ok {
		return outside
	}
	return t.c.workspace + "/" + path
}

// postOrder calls visit for a set and all that it refers to, once each: what a set
// refers to is before it, in order.
func postOrder[ID comparable](set ID, refers func(ID) []ID, visit func(ID) error) error {
	type open struct {
		set  ID
		rest []ID
	}
	seen := map[ID]bool{set: true}
	stack := []open{{set, refers(set)}}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		if len(top.rest) == 0 {
			if err := visit(top.set); err != nil {
				return err
			}
			stack = stack[:len(stack)-1]
			continue
		}
		next := top.rest[0]
		top.rest = top.rest[1:]
		if !seen[next] {
			seen[next] = true
			stack = append(stack, open{next, refers(next)})
		}
	}
	return nil
}

// symlinks puts the entries of a set.
func (t *tree) symlinks(set uint32, root bool) error {
	c := t.c
	return postOrder(set, func(set uint32) []uint32 { return c.symlinkTransitive[set] }, func(set uint32) error {
		for _, e := range c.symlinkSets[set] {
			path := e.path
			if !root {
				path = t.inWorkspace(path)
			}
			if err := t.symlink(path, e.target); err != nil {
				return err
			}
			if t.legacy && !root && !strings.HasPrefix(path, c.workspace+"/") {
				if err := t.symlink(c.workspace+"/external/"+path, e.target); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// symlink puts what an entry is about at a path.
func (t *tree) symlink(path string, target uint32) error {
	t.hasWorkspace = t.hasWorkspace || strings.HasPrefix(path, t.c.workspace+"/")
	if target == 0 {
		return t.put(path, &File{})
	}
	r, err := t.c.find(target)
	switch {
	case err != nil:
		return err
	case r.kind == refFile:
		f := t.c.log.Files[r.index]
		return t.put(path, &f)
	case r.kind == refDirectory:
		set := t.c.log.Sets[r.index]
		for _, id := range set.Files {
			f := t.c.log.Files[id]
			if err := t.put(path+strings.TrimPrefix(f.Path, set.Path), &f); err != nil {
				return err
			}
		}
		return nil
	}
	return damaged("refers to entry %d, which is %s, as a runfile", target, r.kind)
}

// artifacts puts the files of an input set at the places that their own paths say.
func (t *tree) artifacts(inputs SetID) error {
	c := t.c
	seen := map[FileID]bool{}
	var paths [2]string
	return postOrder(inputs, func(set SetID) []SetID { return c.log.Sets[set].Sets }, func(id SetID) error {
		set := c.log.Sets[id]
		if set.Path != "" {
			repo, _ := runfilesPath(set.Path, c.sibling)
			t.hasWorkspace = t.hasWorkspace || repo == ""
		}
		for _, id := range set.Files {
			if seen[id] {
				continue
			}
			seen[id] = true
			f := c.log.Files[id]
			repo, path := runfilesPath(f.Path, c.sibling)
			t.hasWorkspace = t.hasWorkspace || repo == "" && set.Path == ""
			places := append(paths[:0], c.workspace+"/"+path)
			if repo != "" {
				places[0] = repo + "/" + path
				if t.legacy {
					places = append(places, c.workspace+"/external/"+repo+"/"+path)
				}
			}
			for _, place := range places {
				if err := t.put(place, &f); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// runfilesPath splits the path of a file into its external repository, empty for the
// main one, and the path in that repository.
func runfilesPath(path string, sibling bool) (repo, rest string) {
	out, generated := strings.CutPrefix(path, "bazel-out/")
	if !generated {
		out, generated = strings.CutPrefix(path, "blaze-out/")
	}
	if generated && sibling {
		// [REPO/]CONFIGURATION/bin/PATH, where a configuration has a hyphen and a repository
		// need not have one.
		parts := strings.SplitN(out, "/", 4)
		if len(parts) == 4 && parts[2] != "coverage-metadata" && 0 < strings.Index(parts[1], "-") && !strings.HasSuffix(parts[1], "-") {
			return parts[0], parts[3]
		}
	}
	if generated {
		if parts := strings.SplitN(out, "/", 3); len(parts) == 3 {
			path = parts[2]
		}
	}
	prefix := "external/"
	if sibling {
		if generated {
			return "", path
		}
		prefix = "../"
	}
	if in, ok := strings.CutPrefix(path, prefix); ok {
		if repo, rest, ok = strings.Cut(in, "/"); ok && repo != "" && rest != "" {
			return repo, rest
		}
	}
	return "", path
}
