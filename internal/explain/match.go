// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"maps"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
)

// match pairs the spawns of two logs: by their declared outputs; then, without the
// compilation mode in the name of the configuration's directory, and without that
// name; then by a common output; and at last by target and kind, if there is just one
// on either side.
func (c *comparison) match(a, b *execlog.Log) {
	c.a, c.b = side{log: a, pairOf: none(len(a.Spawns))}, side{log: b, pairOf: none(len(b.Spawns))}
	c.matchBy(func(s *execlog.Spawn) string { return identity(s) + "\x00" + strings.Join(s.Listed, "\x00") }, true)
	exact := len(c.pairs)
	for _, name := range []func(dir string) string{withoutMode, func(string) string { return "" }} {
		c.matchBy(func(s *execlog.Spawn) string {
			var key strings.Builder
			key.WriteString(identity(s))
			for _, path := range s.Listed {
				dir, rest := configuration(path)
				key.WriteString("\x00" + name(dir) + "/" + rest)
			}
			return key.String()
		}, false)
	}
	c.findRenamed(exact)
	c.matchOutputs()
	c.matchBy(identity, false)
}

func identity(s *execlog.Spawn) string { return s.Mnemonic + "\x00" + s.Label }

func none(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = -1
	}
	return list
}

// matchBy pairs the spawns that are left by a key. Several of one key, as attempts of a
// test, are paired in order, or else not at all.
func (c *comparison) matchBy(key func(s *execlog.Spawn) string, inOrder bool) {
	before := c.group(&c.a, key)
	if len(before) == 0 {
		return
	}
	after := c.group(&c.b, key)
	for i := range c.b.log.Spawns {
		if c.b.pairOf[i] >= 0 {
			continue
		}
		k := key(&c.b.log.Spawns[i])
		olds, news := before[k], after[k]
		if len(olds) == 0 || !inOrder && (len(olds) != 1 || len(news) != 1) {
			continue
		}
		c.add(olds[0], int32(i))
		before[k] = olds[1:]
	}
}

// group lists the spawns that are left by key.
func (c *comparison) group(s *side, key func(s *execlog.Spawn) string) map[string][]int32 {
	groups := map[string][]int32{}
	for i := range s.log.Spawns {
		if s.pairOf[i] < 0 {
			k := key(&s.log.Spawns[i])
			groups[k] = append(groups[k], int32(i))
		}
	}
	return groups
}

func (c *comparison) add(a, b int32) {
	c.a.pairOf[a], c.b.pairOf[b] = int32(len(c.pairs)), int32(len(c.pairs))
	c.pairs = append(c.pairs, pair{a: a, b: b})
}

// matchOutputs pairs the spawns that are left by a declared output.
func (c *comparison) matchOutputs() {
	byOutput := map[string]int32{}
	for i := range c.a.log.Spawns {
		if c.a.pairOf[i] < 0 {
			for _, path := range c.a.log.Spawns[i].Listed {
				byOutput[c.rename(path)] = int32(i)
			}
		}
	}
	for i := range c.b.log.Spawns {
		if c.b.pairOf[i] >= 0 {
			continue
		}
		for _, path := range c.b.log.Spawns[i].Listed {
			if old, ok := byOutput[path]; ok && c.a.pairOf[old] < 0 {
				c.add(old, int32(i))
				break
			}
		}
	}
}

// configuration splits the path of an output into the directory of its configuration,
// such as bazel-out/k8-opt, and the rest; the former is empty if there is none.
func configuration(path string) (dir, rest string) {
	const out = "bazel-out/"
	if in, ok := strings.CutPrefix(path, out); ok {
		if name, rest, ok := strings.Cut(in, "/"); ok {
			return path[:len(out)+len(name)], rest
		}
	}
	return "", path
}

// withoutMode returns the name of a configuration without its compilation mode:
// CPU-MODE, or CPU-MODE-HASH for one of a transition.
func withoutMode(dir string) string {
	parts := strings.Split(dir, "-")
	for i := len(parts) - 1; i > 0; i-- {
		if mode := parts[i]; mode == "fastbuild" || mode == "dbg" || mode == "opt" {
			parts[i] = ""
			return strings.Join(parts, "-")
		}
	}
	return dir
}

// findRenamed notes which configuration of a is which of b, by the pairs from first
// on. One of a that b has as well is not renamed.
func (c *comparison) findRenamed(first int) {
	c.renamed = map[string]string{}
	for i := first; i < len(c.pairs); i++ {
		a, b := &c.a.log.Spawns[c.pairs[i].a], &c.b.log.Spawns[c.pairs[i].b]
		for k := range a.Listed {
			before, _ := configuration(a.Listed[k])
			after, _ := configuration(b.Listed[k])
			if before != after && before != "" && after != "" && c.renamed[before] == "" {
				c.renamed[before] = after
			}
		}
	}
	for _, i := range c.pairs[:first] {
		for _, path := range c.a.log.Spawns[i.a].Listed {
			dir, _ := configuration(path)
			delete(c.renamed, dir)
		}
	}
}

// rename returns a path of a with the name of its configuration in b.
func (c *comparison) rename(path string) string {
	if len(c.renamed) == 0 {
		return path
	}
	if dir, rest := configuration(path); c.renamed[dir] != "" {
		return c.renamed[dir] + "/" + rest
	}
	return path
}

// replaceWord replaces a configuration's directory where its name does not go on.
func replaceWord(s, before, after string) string {
	var out strings.Builder
	for {
		i := strings.Index(s, before)
		if i < 0 {
			out.WriteString(s)
			return out.String()
		}
		end := i + len(before)
		out.WriteString(s[:i])
		if goesOn := end < len(s) && (s[end] == '-' || s[end] == '_' || s[end] == '.' || isAlphanumeric(s[end])); goesOn {
			out.WriteString(before)
		} else {
			out.WriteString(after)
		}
		s = s[end:]
	}
}

func isAlphanumeric(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' }

// renameIn returns an argument of a with the names that the configurations have in b.
func (c *comparison) renameIn(arg string) string {
	if len(c.renamed) == 0 || !strings.Contains(arg, "bazel-out/") {
		return arg
	}
	for _, before := range slices.Sorted(maps.Keys(c.renamed)) {
		arg = replaceWord(arg, before, c.renamed[before])
	}
	return arg
}
