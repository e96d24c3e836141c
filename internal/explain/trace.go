// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"cmp"
	"slices"
	"strings"
)

// origin is where the contents of a path are from.
type origin struct {
	pair int32  // that made it, if its key or outputs changed; or -1
	path int32  // the path that was changed first, as a symlink or runfile is traced to its target
	from string // see Change.From
	by   string
}

// edge leads from an action to one that has a changed output of it as an input.
type edge struct{ pair, path int32 }

// cause is one or more changes that the same actions have directly.
type cause struct {
	changes  []Change
	direct   []int32 // pairs
	affected int     // number of actions that changed because of it; 0 if that was not followed
	first    int32   // of direct, the one closest to the sources
}

// trace finds the causes, and what followed from each.
func (c *comparison) trace() {
	c.origins = map[int32]origin{}
	c.next = make([][]edge, len(c.pairs))
	byChange := map[Change]*cause{}
	byPath := map[int32]*cause{}
	blame := func(known *cause, change Change, pair int32) *cause {
		if known == nil {
			known = &cause{changes: []Change{change}}
			c.causes = append(c.causes, known)
		}
		if n := len(known.direct); n == 0 || known.direct[n-1] != pair {
			known.direct = append(known.direct, pair)
		}
		return known
	}
	for i := range c.pairs {
		p, pair := &c.pairs[i], int32(i)
		for _, change := range p.own {
			byChange[change] = blame(byChange[change], change, pair)
		}
		var last int32 = -1
		for _, change := range p.inputs {
			o := c.origin(change.path)
			switch {
			case o.pair < 0, o.pair == pair:
				byPath[o.path] = blame(byPath[o.path], c.inputCause(o, change), pair)
			case o.pair != last:
				last = o.pair
				c.next[o.pair] = append(c.next[o.pair], edge{pair, change.path})
			}
		}
		if !p.key {
			if change, ok := c.resultChange(p); ok {
				blame(nil, change, pair)
			}
		}
	}
	c.merge()
	c.rank()
	c.follow()
	c.leftover()
	c.sort()
}

// inputCause describes an input that no other action accounts for.
func (c *comparison) inputCause(o origin, change inputChange) Change {
	if first, ok := c.changed[o.path]; ok {
		change = first
	}
	result := c.contentChange(Input, o.path, change)
	result.Tool, result.From, result.By = change.tool, o.from, o.by
	return result
}

// contentChange describes a change of a file, with its digests.
func (c *comparison) contentChange(kind string, path int32, change inputChange) Change {
	result := Change{Kind: kind, Name: c.table.paths[path], Added: change.before < 0, Gone: change.after < 0}
	if change.before >= 0 {
		f := &c.a.log.Files[change.before]
		result.Before = cmp.Or(f.Target, f.Hash)
	}
	if change.after >= 0 {
		f := &c.b.log.Files[change.after]
		result.After = cmp.Or(f.Target, f.Hash)
	}
	return result
}

// origin finds out where a changed path is from.
func (c *comparison) origin(path int32) origin {
	if o, ok := c.origins[path]; ok {
		return o
	}
	// A path that leads to itself ends here.
	c.origins[path] = c.plainOrigin(path)
	o := c.findOrigin(path)
	c.origins[path] = o
	return o
}

func (c *comparison) findOrigin(path int32) origin {
	if o, ok := c.made(path); ok {
		return o
	}
	for _, s := range []*side{&c.b, &c.a} {
		if target, ok := s.links[path]; ok {
			return c.origin(target)
		}
	}
	// Two source files may have the same contents without being copies.
	dir, _ := configuration(c.table.paths[path])
	if change, ok := c.changed[path]; ok && dir != "" && change.before >= 0 && change.after >= 0 {
		if same, ok := c.alias[c.contents(change)]; ok && same != path && c.closer(same, path) {
			return c.origin(same)
		}
	}
	return c.plainOrigin(path)
}

// made returns the origin of an output of an action in a log.
func (c *comparison) made(path int32) (origin, bool) {
	for _, s := range []*side{&c.b, &c.a} {
		spawn, ok := s.maker[path]
		if !ok {
			continue
		}
		pair := s.pairOf[spawn]
		o := origin{pair: -1, path: path, from: FromUnchanged, by: describe(s.log, spawn)}
		switch {
		case pair >= 0 && c.pairs[pair].differs():
			o = origin{pair: pair, path: path}
		case pair < 0 && s == &c.a:
			o.from = FromFirst
		case pair < 0:
			o.from = FromSecond
		}
		return o, true
	}
	return origin{}, false
}

// plainOrigin returns the origin of a path by its name.
func (c *comparison) plainOrigin(path int32) origin {
	o := origin{pair: -1, path: path, from: FromSource}
	name := c.table.paths[path]
	switch dir, _ := configuration(name); {
	case dir != "", strings.HasPrefix(name, "bazel-out/"):
		o.from = FromBazel
	case strings.HasPrefix(name, "external/"), strings.HasPrefix(name, "../"):
		o.from = FromExternal
	}
	return o
}

// testRunner is the mnemonic of actions whose outputs have times in them.
const testRunner = "TestRunner"

// resultChange describes what came out of the same key that should not.
func (c *comparison) resultChange(p *pair) (Change, bool) {
	a, b := &c.a.log.Spawns[p.a], &c.b.log.Spawns[p.b]
	if a.ExitCode != b.ExitCode || a.Status != b.Status {
		return Change{Kind: Failure, Name: first(b.Listed), Before: outcome(a), After: outcome(b)}, true
	}
	if !p.outputs || b.Mnemonic == testRunner {
		return Change{}, false
	}
	changes := c.join(a.Outputs, b.Outputs)
	slices.SortFunc(changes, func(x, y inputChange) int { return strings.Compare(c.table.paths[x.path], c.table.paths[y.path]) })
	return c.contentChange(Result, changes[0].path, changes[0]), true
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// merge makes one cause of those with the same actions, such as the files of a tool.
func (c *comparison) merge() {
	byActions := map[uint64][]*cause{}
	merged := c.causes[:0]
next:
	for _, cause := range c.causes {
		h := uint64(len(cause.direct))
		for _, pair := range cause.direct {
			h = mix(h ^ uint64(pair))
		}
		for _, other := range byActions[h] {
			if slices.Equal(other.direct, cause.direct) {
				other.changes = append(other.changes, cause.changes...)
				continue next
			}
		}
		byActions[h] = append(byActions[h], cause)
		merged = append(merged, cause)
	}
	c.causes = merged
}

// rank gives each pair its depth: the length of the longest way to it.
func (c *comparison) rank() {
	c.depth = make([]int32, len(c.pairs))
	waits := make([]int32, len(c.pairs))
	for _, edges := range c.next {
		for _, e := range edges {
			waits[e.pair]++
		}
	}
	var ready []int32
	for i, n := range waits {
		if n == 0 {
			ready = append(ready, int32(i))
		}
	}
	for len(ready) > 0 {
		pair := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		for _, e := range c.next[pair] {
			c.depth[e.pair] = max(c.depth[e.pair], c.depth[pair]+1)
			if waits[e.pair]--; waits[e.pair] == 0 {
				ready = append(ready, e.pair)
			}
		}
	}
}

// maxSteps is how many edges are followed at most to count what each cause affects.
const maxSteps = 50_000_000

// follow counts what each cause affects.
func (c *comparison) follow() {
	seen := make([]int32, len(c.pairs))
	steps := 0
	// If there are too many, those with the most actions are counted.
	slices.SortStableFunc(c.causes, func(x, y *cause) int { return cmp.Compare(len(y.direct), len(x.direct)) })
	var queue []int32
	for i, cause := range c.causes {
		cause.first = slices.MinFunc(cause.direct, func(x, y int32) int {
			return cmp.Or(cmp.Compare(c.depth[x], c.depth[y]), cmp.Compare(c.pairs[x].b, c.pairs[y].b))
		})
		if steps > maxSteps {
			continue
		}
		round := int32(i + 1)
		queue = append(queue[:0], cause.direct...)
		for _, pair := range queue {
			seen[pair] = round
		}
		for len(queue) > 0 {
			pair := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			cause.affected++
			steps += 1 + len(c.next[pair])
			for _, e := range c.next[pair] {
				if seen[e.pair] != round {
					seen[e.pair] = round
					queue = append(queue, e.pair)
				}
			}
		}
	}
}

// leftover finds changed actions that no cause leads to, as inputs of each other.
func (c *comparison) leftover() {
	seen := make([]bool, len(c.pairs))
	var queue []int32
	for _, cause := range c.causes {
		for _, pair := range cause.direct {
			if !seen[pair] {
				seen[pair] = true
				queue = append(queue, pair)
			}
		}
	}
	for len(queue) > 0 {
		pair := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, e := range c.next[pair] {
			if !seen[e.pair] {
				seen[e.pair] = true
				queue = append(queue, e.pair)
			}
		}
	}
	for i := range c.pairs {
		if c.pairs[i].key && !seen[i] {
			change := c.pairs[i].inputs[0]
			cause := &cause{changes: []Change{c.inputCause(origin{path: change.path, from: FromCycle}, change)}, direct: []int32{int32(i)}, first: int32(i), affected: 1}
			c.causes = append(c.causes, cause)
		}
	}
}

// sort puts the causes with the most consequences first.
func (c *comparison) sort() {
	for _, cause := range c.causes {
		slices.SortStableFunc(cause.changes, func(x, y Change) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Before, y.Before)) })
	}
	slices.SortStableFunc(c.causes, func(x, y *cause) int {
		return cmp.Or(cmp.Compare(y.affected, x.affected), cmp.Compare(c.depth[x.first], c.depth[y.first]), cmp.Compare(c.pairs[x.first].b, c.pairs[y.first].b))
	})
}

// chain returns the way from the first action of a cause to the last that follows from
// it.
func (c *comparison) chain(cause *cause) []edge {
	from := map[int32]edge{cause.first: {-1, -1}}
	last, queue := cause.first, []int32{cause.first}
	for i := 0; i < len(queue); i++ {
		pair := queue[i]
		if cmp.Or(cmp.Compare(c.depth[pair], c.depth[last]), cmp.Compare(c.pairs[pair].b, c.pairs[last].b)) > 0 {
			last = pair
		}
		for _, e := range c.next[pair] {
			if _, ok := from[e.pair]; !ok {
				from[e.pair] = edge{pair, e.path}
				queue = append(queue, e.pair)
			}
		}
	}
	var way []edge
	for pair := last; pair >= 0; pair = from[pair].pair {
		way = append(way, edge{pair, from[pair].path})
	}
	slices.Reverse(way)
	return way
}
