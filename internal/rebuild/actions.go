// SPDX-License-Identifier: Apache-2.0

package rebuild

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/bazelrun"
	"github.com/rules-hyp/rules_hyp/internal/execlog"
)

// Kinds of findings.
const (
	Result  = "result"  // an action made other outputs of the same inputs
	Input   = "input"   // a file that no action made differs
	Written = "written" // a file differs that Bazel wrote itself, and no action that differs reads it
	Missing = "missing" // an action that the varied build does not have
	Extra   = "extra"   // an action that only the varied build has
	Failure = "failure" // the varied build fails
)

// Action names an action.
type Action struct {
	Mnemonic string `json:"mnemonic"`
	Label    string `json:"label"`
	Output   string `json:"output"` // the first that is declared
}

func (a Action) String() string {
	text := strings.TrimSpace(a.Mnemonic + " " + a.Label)
	if a.Output != "" {
		text += " -> " + a.Output
	}
	return text
}

// divergence is where a build first differs from another: nothing that it depends on
// differs.
type divergence struct {
	key    string // the same in all builds
	kind   string
	action Action
	more   int      // actions of the same divergence
	inputs []string // paths, of kind Input
	files  []string // outputs that differ
	args   bool     // the command lines differ
}

// comparison is how a build differs from another.
type comparison struct {
	compared    int // actions whose outputs were compared
	followers   int // that differ because of others
	divergences []divergence
}

func (c *comparison) find(key string) *divergence {
	for i := range c.divergences {
		if c.divergences[i].key == key {
			return &c.divergences[i]
		}
	}
	return nil
}

// indexed is a log by action.
type indexed struct {
	log    *execlog.Log
	flat   *execlog.Flattener
	keys   []string // of the spawns
	spawns map[string]int
	maker  map[string]int // by path of an output: its spawn
}

func index(log *execlog.Log) *indexed {
	x := &indexed{log: log, flat: execlog.NewFlattener(log), keys: make([]string, len(log.Spawns)), spawns: map[string]int{}, maker: map[string]int{}}
	for i := range log.Spawns {
		s := &log.Spawns[i]
		key := s.Mnemonic + "\x00" + s.Label + "\x00" + strings.Join(s.Listed, "\x00")
		for n := 1; ; n++ {
			// An action may have several spawns, such as attempts of a test.
			if _, ok := x.spawns[fmt.Sprint(key, "\x00", n)]; !ok {
				key = fmt.Sprint(key, "\x00", n)
				break
			}
		}
		x.keys[i], x.spawns[key] = key, i
		for _, id := range s.Outputs {
			x.maker[log.Files[id].Path] = i
		}
	}
	return x
}

func (x *indexed) action(i int) Action {
	s := &x.log.Spawns[i]
	a := Action{Mnemonic: s.Mnemonic, Label: s.Label}
	if len(s.Listed) > 0 {
		a.Output = s.Listed[0]
	}
	return a
}

// isTool reports whether all that an action makes is for tools.
func (x *indexed) isTool(i int) bool {
	listed := x.log.Spawns[i].Listed
	return len(listed) > 0 && !slices.ContainsFunc(listed, func(path string) bool { return !bazelrun.IsTool(path) })
}

// content identifies what is in a file.
type content struct {
	hash, target string
	size         int64
}

func contents(f *execlog.File) content { return content{f.Hash, f.Target, f.Size} }

// outputs returns the contents of a spawn's outputs by path.
func (x *indexed) outputs(i int) map[string]content {
	m := map[string]content{}
	for _, id := range x.log.Spawns[i].Outputs {
		m[x.log.Files[id].Path] = contents(&x.log.Files[id])
	}
	return m
}

func (x *indexed) inputs(i int) map[string]content {
	files := x.flat.Files(x.log.Spawns[i].Inputs)
	m := make(map[string]content, len(files))
	for _, id := range files {
		m[x.log.Files[id].Path] = contents(&x.log.Files[id])
	}
	return m
}

// differing returns the paths whose contents differ, sorted.
func differing[C comparable](a, b map[string]C) []string {
	var paths []string
	for path, contents := range a {
		if other, ok := b[path]; !ok || other != contents {
			paths = append(paths, path)
		}
	}
	for path := range b {
		if _, ok := a[path]; !ok {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// compareBuilds compares the outputs of every action of two builds. If tools are compiled in
// another way, they differ, and what is made with them must not.
func compareBuilds(a, b *indexed, otherTools bool) *comparison {
	c := &comparison{}
	skipped := func(x *indexed, i int) bool { return otherTools && x.isTool(i) }
	type change struct {
		spawn int // of a
		files []string
	}
	var changes []change
	copies := map[[2]content]bool{} // contents of outputs that differ, in a and b
	var missing, extra []Action
	for i := range a.log.Spawns {
		if skipped(a, i) {
			continue
		}
		j, ok := b.spawns[a.keys[i]]
		if !ok {
			missing = append(missing, a.action(i))
			continue
		}
		c.compared++
		before, after := a.outputs(i), b.outputs(j)
		if files := differing(before, after); files != nil {
			changes = append(changes, change{i, files})
			for _, path := range files {
				copies[[2]content{before[path], after[path]}] = true
			}
		}
	}
	for i := range b.log.Spawns {
		if _, ok := a.spawns[b.keys[i]]; !ok && !skipped(b, i) {
			extra = append(extra, b.action(i))
		}
	}
	for _, ch := range changes {
		j := b.spawns[a.keys[ch.spawn]]
		before, after := a.inputs(ch.spawn), b.inputs(j)
		var own []string
		follows := false
		for _, path := range differing(before, after) {
			if otherTools && bazelrun.IsTool(path) {
				continue
			}
			_, madeA := a.maker[path]
			_, madeB := b.maker[path]
			// Symlinks to outputs, and copies in runfiles, are made without a spawn.
			if madeA || madeB || copies[[2]content{before[path], after[path]}] {
				follows = true
			} else {
				own = append(own, path)
			}
		}
		d := divergence{kind: Result, key: a.keys[ch.spawn], action: a.action(ch.spawn), files: ch.files}
		d.args = !slices.Equal(a.log.Spawns[ch.spawn].Args, b.log.Spawns[j].Args)
		if own != nil {
			d.kind, d.inputs, d.key = Input, own, "input\x00"+strings.Join(own, "\x00")
		} else if follows {
			c.followers++
			continue
		}
		c.add(d)
	}
	for kind, actions := range map[string][]Action{Missing: missing, Extra: extra} {
		for _, action := range actions {
			c.add(divergence{key: kind, kind: kind, action: action})
		}
	}
	slices.SortStableFunc(c.divergences, func(x, y divergence) int { return cmp.Compare(x.kind, y.kind) })
	return c
}

// compareWritten compares the files that Bazel wrote itself. One that an action reads
// whose outputs differ is known already.
func (c *comparison) compareWritten(a, b map[string]string, otherTools bool) {
	for _, path := range differing(a, b) {
		known := slices.ContainsFunc(c.divergences, func(d divergence) bool { return slices.Contains(d.inputs, path) })
		if !known && !(otherTools && bazelrun.IsTool(path)) {
			c.add(divergence{key: "written\x00" + path, kind: Written, action: Action{Output: path}, files: []string{path}})
		}
	}
}

// add adds a divergence, or counts it if it is known by another action.
func (c *comparison) add(d divergence) {
	if known := c.find(d.key); known != nil {
		known.more++
		return
	}
	c.divergences = append(c.divergences, d)
}
