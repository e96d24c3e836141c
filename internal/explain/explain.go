// SPDX-License-Identifier: Apache-2.0

// Package explain says why a build executed what another one did not need to, or
// found in no cache: what changed first, and what followed from it.
//
// It compares two execution logs action by action. An action's key is all that its
// result depends on: command line, environment, execution properties, inputs and
// declared outputs. If a key changed, the reason is either in the action itself, or
// in an input; and if the input is the output of another action whose key changed,
// it is there. What is left are the causes, each with the actions that follow from
// it. An action that made other outputs from the same key is a cause as well.
package explain

import (
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// Named is a log and how it is called in messages.
type Named struct {
	Name string
	*execlog.Log
}

// Logs compares two logs, the earlier build first. Of the logs of two builds that
// have nothing in common it returns an error.
func Logs(before, after Named) (*Report, error) {
	for _, l := range []Named{before, after} {
		if len(l.Spawns) == 0 {
			return nil, errcode.NothingExecuted.Errorf("%s: has no action: nothing was out of date in that build, as Bazel logs only what it executes or finds in a disk or remote cache; build after `bazel clean`, or with another --output_base", l.Name)
		}
	}
	if f, g := before.HashFunction, after.HashFunction; f != g && f != "" && g != "" {
		return nil, errcode.LogUnrelated.Errorf("%s: has digests of %s, but %s of %s, which cannot be compared; build both with the same --digest_function", before.Name, textline.Escape(f), after.Name, textline.Escape(g))
	}
	c := &comparison{}
	c.match(before.Log, after.Log)
	if len(c.pairs) == 0 {
		return nil, errcode.LogUnrelated.Errorf("%s: has no action in common with %s: %s is the first action of the one, %s of the other; name two logs of one target", after.Name, before.Name,
			textline.Escape(describe(after.Log, 0)), textline.Escape(describe(before.Log, 0)))
	}
	c.index()
	c.compare()
	c.trace()
	return c.report(before, after), nil
}

// comparison is the state of comparing two logs.
type comparison struct {
	a, b    side
	renamed map[string]string // configurations of a: what they are called in b
	pairs   []pair
	table   table
	changed map[int32]inputChange // by path: the first change seen
	lists   map[uint64][][]inputChange
	origins map[int32]origin // by path
	alias   map[[2]int32]int32
	causes  []*cause
	next    [][]edge // by pair: those that its changed outputs reach
	depth   []int32  // by pair: of the changed actions before it
}

// side is one of the logs.
type side struct {
	log    *execlog.Log
	pairOf []int32 // by spawn: its pair, or -1
	flat   *execlog.Flattener
	path   []int32  // by file: its path in the table
	key    []int32  // by file: path and contents in the table
	sums   []uint64 // by set: equal sums mean equal contents
	maker  map[int32]int32
	links  map[int32]int32 // by path of a symlink action's output: its input
}

// pair is an action that is in both logs.
type pair struct {
	a, b    int32 // spawns
	own     []Change
	inputs  []inputChange
	key     bool // the key changed
	outputs bool // the contents of the outputs changed
}

// differs reports whether others may have changed because of it.
func (p *pair) differs() bool { return p.key || p.outputs }

// inputChange is an input that differs between the two spawns of a pair.
type inputChange struct {
	path          int32 // in the table
	before, after int32 // files of the logs, or -1
	tool          bool
}

// describe names a spawn.
func describe(log *execlog.Log, i int32) string {
	s := &log.Spawns[i]
	name := s.Mnemonic
	if s.Label != "" {
		name += " " + s.Label
	} else if len(s.Listed) > 0 {
		name += " " + s.Listed[0]
	}
	return name
}
