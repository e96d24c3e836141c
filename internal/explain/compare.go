// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"cmp"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
)

// compare finds out what changed in each pair.
func (c *comparison) compare() {
	c.changed = map[int32]inputChange{}
	c.alias = map[[2]int32]int32{}
	d := &inputDiffer{
		comparison: c,
		seen:       make([]uint32, len(c.table.files)),
		known:      map[[4]execlog.SetID][]inputChange{},
		lists:      map[uint64][][]inputChange{},
		tools:      [2]toolSet{newToolSet(&c.a, len(c.table.paths)), newToolSet(&c.b, len(c.table.paths))},
	}
	for i := range c.pairs {
		p := &c.pairs[i]
		a, b := &c.a.log.Spawns[p.a], &c.b.log.Spawns[p.b]
		if !sameDigest(a, b) {
			p.inputs = d.inputs(a, b)
			p.own = c.ownChanges(a, b, p.inputs)
			if len(p.own)+len(p.inputs) == 0 && a.Digest != "" && b.Digest != "" {
				p.own = []Change{{Kind: Unknown, Name: "digest of the action", Before: a.Digest, After: b.Digest}}
			}
			p.key = len(p.own)+len(p.inputs) > 0
		}
		p.outputs = c.outputChanges(a, b)
	}
}

// sameDigest reports whether both actions have the same digest, which covers all that
// is in the key.
func sameDigest(a, b *execlog.Spawn) bool {
	return a.Digest != "" && a.Digest == b.Digest && a.DigestSize == b.DigestSize
}

// outputChanges reports whether the contents of the outputs differ, and notes those
// that do.
func (c *comparison) outputChanges(a, b *execlog.Spawn) bool {
	if len(a.Outputs) == len(b.Outputs) {
		same := true
		for i := range a.Outputs {
			if c.a.key[a.Outputs[i]] != c.b.key[b.Outputs[i]] {
				same = false
				break
			}
		}
		if same {
			return false
		}
	}
	changes := c.join(a.Outputs, b.Outputs)
	for _, change := range changes {
		c.noteAlias(change)
	}
	return len(changes) > 0
}

// join returns how two lists of files differ.
func (c *comparison) join(before, after []execlog.FileID) []inputChange {
	old := make(map[int32]int32, len(before))
	for _, id := range before {
		old[c.a.path[id]] = int32(id)
	}
	var changes []inputChange
	for _, id := range after {
		path := c.b.path[id]
		was, ok := old[path]
		delete(old, path)
		switch {
		case !ok:
			changes = append(changes, inputChange{path: path, before: -1, after: int32(id)})
		case c.a.key[was] != c.b.key[id]:
			changes = append(changes, inputChange{path: path, before: was, after: int32(id)})
		}
	}
	for _, id := range before {
		if was, ok := old[c.a.path[id]]; ok && was == int32(id) {
			changes = append(changes, inputChange{path: c.a.path[id], before: was, after: -1})
		}
	}
	return changes
}

// noteAlias notes that the contents at a path changed, so that another path with the
// same contents, as that of a symlink or in runfiles, can be traced to it.
func (c *comparison) noteAlias(change inputChange) {
	if change.before < 0 || change.after < 0 {
		return
	}
	key := c.contents(change)
	path, ok := c.alias[key]
	if !ok || c.closer(change.path, path) {
		c.alias[key] = change.path
	}
}

// contents returns what a file contained before and after a change.
func (c *comparison) contents(change inputChange) [2]int32 {
	return [2]int32{c.table.digest(&c.a.log.Files[change.before]), c.table.digest(&c.b.log.Files[change.after])}
}

// closer reports whether path x is closer to the origin of its contents than y: what
// an action makes rather than what is in the sources, and that rather than a copy.
func (c *comparison) closer(x, y int32) bool {
	rank := func(path int32) int {
		_, made := c.b.maker[path]
		dir, _ := configuration(c.table.paths[path])
		switch {
		case made:
			return 0
		case dir == "":
			return 1
		}
		return 2
	}
	return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(c.table.paths[x], c.table.paths[y])) < 0
}

// inputDiffer compares the inputs of pairs, of which most have most in common.
type inputDiffer struct {
	*comparison
	round uint32
	seen  []uint32 // by file of the table: the round before saw it; plus 1: and the one after
	known map[[4]execlog.SetID][]inputChange
	lists map[uint64][][]inputChange
	tools [2]toolSet
	only  [2][]execlog.FileID
}

// inputs returns how the inputs of two spawns differ, by path number. Equal lists are
// shared.
func (d *inputDiffer) inputs(a, b *execlog.Spawn) []inputChange {
	if d.a.sums[a.Inputs] == d.b.sums[b.Inputs] {
		return nil
	}
	key := [4]execlog.SetID{a.Inputs, b.Inputs, a.Tools, b.Tools}
	if list, ok := d.known[key]; ok {
		return list
	}
	before, after := d.a.flat.Files(a.Inputs), d.b.flat.Files(b.Inputs)
	if d.round > 1<<31 {
		clear(d.seen)
		d.round = 0
	}
	d.round += 2
	d.only[0], d.only[1] = d.only[0][:0], d.only[1][:0]
	for _, id := range before {
		d.seen[d.a.key[id]] = d.round
	}
	for _, id := range after {
		if k := d.b.key[id]; d.seen[k] >= d.round {
			d.seen[k] = d.round + 1
		} else {
			d.only[1] = append(d.only[1], id)
		}
	}
	for _, id := range before {
		if d.seen[d.a.key[id]] == d.round {
			d.only[0] = append(d.only[0], id)
		}
	}
	changes := d.join(d.only[0], d.only[1])
	for i := range changes {
		change := &changes[i]
		change.tool = d.tools[1].has(b.Tools, change.path) || change.after < 0 && d.tools[0].has(a.Tools, change.path)
		if _, ok := d.changed[change.path]; !ok {
			d.changed[change.path] = *change
			d.noteAlias(*change)
		}
	}
	slices.SortFunc(changes, func(x, y inputChange) int { return cmp.Compare(x.path, y.path) })
	changes = d.share(changes)
	d.known[key] = changes
	return changes
}

// share returns the list that is equal, if there was one.
func (d *inputDiffer) share(list []inputChange) []inputChange {
	h := uint64(len(list))
	for _, change := range list {
		h = mix(h ^ uint64(uint32(change.path)))
		h = mix(h ^ uint64(uint32(change.before))<<32 ^ uint64(uint32(change.after)))
	}
	for _, known := range d.lists[h] {
		if slices.Equal(known, list) {
			return known
		}
	}
	list = slices.Clone(list)
	d.lists[h] = append(d.lists[h], list)
	return list
}

// toolSet says which paths are tools. Spawns in a row often have the same ones.
type toolSet struct {
	side  *side
	flat  *execlog.Flattener
	set   execlog.SetID
	round uint32
	seen  []uint32
}

func newToolSet(s *side, paths int) toolSet {
	return toolSet{side: s, flat: execlog.NewFlattener(s.log), seen: make([]uint32, paths)}
}

func (t *toolSet) has(set execlog.SetID, path int32) bool {
	if set == 0 {
		return false
	}
	if set != t.set {
		t.set = set
		t.round++
		for _, id := range t.flat.Files(set) {
			t.seen[t.side.path[id]] = t.round
		}
	}
	return t.round > 0 && t.seen[path] == t.round
}
