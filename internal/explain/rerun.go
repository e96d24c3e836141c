// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"strconv"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
)

// outcome says how a spawn ended.
func outcome(s *execlog.Spawn) string {
	switch {
	case s.Status != "":
		return s.Status + ", exit code " + strconv.Itoa(int(s.ExitCode))
	case s.ExitCode != 0:
		return "exit code " + strconv.Itoa(int(s.ExitCode))
	}
	return "success"
}

// reruns groups the actions that were executed in the second build though their keys
// are the same: why no cache had them.
func (c *comparison) reruns() []Group {
	var groups grouper
	for i := range c.pairs {
		p := &c.pairs[i]
		b := &c.b.log.Spawns[p.b]
		if p.key || b.CacheHit {
			continue
		}
		groups.add(rerunReason(&c.a.log.Spawns[p.a], b), c.action(&c.b, p.b))
	}
	return groups.list
}

func rerunReason(a, b *execlog.Spawn) string {
	switch {
	case !b.Cacheable:
		return "may not be cached, by the tag no-cache or by the rule"
	case a.ExitCode != 0 || a.Status != "":
		return "failed in the first build, and only success is cached"
	case b.Digest == "":
		return "no disk or remote cache was in use, and Bazel's own action cache had no result, as in another output base or after `bazel clean`"
	case !b.RemoteCacheable && b.Runner != "remote":
		return "may not be cached remotely, and Bazel's own action cache had no result"
	case a.CacheHit:
		return "a cache had the result for the first build, but not for the second: it lost it, or is another one"
	}
	return "no cache had the result: the first build did not upload it, or the cache lost it, or is another one"
}

// onlyOne groups the actions that only one of the logs has.
func (c *comparison) onlyOne() []OnlyGroup {
	var result []OnlyGroup
	for which, s := range []*side{&c.a, &c.b} {
		other := [...]*side{&c.b, &c.a}[which]
		used := c.inputPaths(other, s)
		var groups grouper
		for i := range s.log.Spawns {
			if s.pairOf[i] >= 0 {
				continue
			}
			groups.add(c.onlyReason(s, int32(i), used), c.action(s, int32(i)))
		}
		for _, g := range groups.list {
			result = append(result, OnlyGroup{Log: which + 1, Group: g})
		}
	}
	return result
}

// upToDate is the reason of actions that are no difference.
const upToDate = "up to date in the other build, which uses the same outputs"

// onlyReason says why the other log does not have a spawn. Used has the inputs of the
// other log by path.
func (c *comparison) onlyReason(s *side, spawn int32, used map[int32]int32) string {
	uses, same := 0, 0
	for _, id := range s.log.Spawns[spawn].Outputs {
		if key, ok := used[s.path[id]]; ok {
			uses++
			if key == s.key[id] {
				same++
			}
		}
	}
	switch {
	case uses > 0 && uses == same:
		return upToDate
	case uses > 0:
		return "the other build uses outputs with other contents, which were up to date there"
	}
	return "up to date in the other build, or not part of it: no action there uses the outputs"
}

// inputPaths returns the files of a log that are inputs, by path, as keys. It is empty
// if no spawn of the side asks.
func (c *comparison) inputPaths(of, asks *side) map[int32]int32 {
	used := map[int32]int32{}
	asked := false
	for _, pair := range asks.pairOf {
		asked = asked || pair < 0
	}
	if !asked {
		return used
	}
	for i := range of.log.Sets {
		for _, id := range of.log.Sets[i].Files {
			used[of.path[id]] = of.key[id]
		}
	}
	return used
}

// grouper collects actions by a reason, in the order of the first of each.
type grouper struct {
	list  []Group
	index map[string]int
}

// maxExamples is how many actions of a group are named.
const maxExamples = 3

func (g *grouper) add(reason string, a Action) {
	i, ok := g.index[reason]
	if !ok {
		if g.index == nil {
			g.index = map[string]int{}
		}
		i = len(g.list)
		g.index[reason] = i
		g.list = append(g.list, Group{Reason: reason})
	}
	g.list[i].Count++
	if len(g.list[i].Actions) < maxExamples {
		g.list[i].Actions = append(g.list[i].Actions, a)
	}
}
