// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/glob"
)

// dialect is how objcopy --wildcard reads patterns, which is fnmatch without
// flags.
var dialect = glob.Dialect{Special: `*?[\`, RefuseClassLike: true}

// Names is a set of names, some of them given by patterns. The nil set is empty.
type Names struct {
	literal map[string]bool
	globs   []glob.Pattern
	except  []glob.Pattern
}

// NewNames makes a set. With wildcards, a name may be a pattern, and one that starts with "!" takes names out of the set, in whatever order
// they come, as objcopy --wildcard has it. Without patterns it returns nil.
func NewNames(patterns []string, wildcards bool) (*Names, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	n := &Names{literal: map[string]bool{}}
	for _, p := range patterns {
		rest, except := strings.CutPrefix(p, "!")
		switch {
		case p == "" || wildcards && rest == "":
			return nil, errcode.BadName.Errorf("an empty name")
		case !wildcards || !except && !dialect.IsPattern(p):
			n.literal[p] = true
			continue
		}
		g, err := dialect.Compile(rest)
		if err != nil {
			return nil, err
		}
		if except {
			n.except = append(n.except, g)
		} else {
			n.globs = append(n.globs, g)
		}
	}
	return n, nil
}

// RelocNames returns the patterns for sections whose relocations go, of those that
// --remove-section was given: as in GNU objcopy (handle_remove_section_option), those
// that start with ".rel" or ".rela", and what takes such names out again. A pattern
// that only matches such a name, as ".*" does, is for sections.
func RelocNames(patterns []string) []string {
	var out []string
	for _, p := range patterns {
		rest, except := strings.CutPrefix(p, "!")
		name, ok := strings.CutPrefix(rest, ".rel")
		name = strings.TrimPrefix(name, "a")
		if !ok || name == "" {
			continue
		}
		if except {
			name = "!" + name
		}
		out = append(out, name)
	}
	return out
}

// Has reports whether the set has a name.
func (n *Names) Has(name string) bool {
	if n == nil {
		return false
	}
	match := func(g glob.Pattern) bool { return g.Match(name) }
	return (n.literal[name] || slices.ContainsFunc(n.globs, match)) && !slices.ContainsFunc(n.except, match)
}

// NamesFromFile reads names, one a line; "#" starts a comment. It is the format
// of objcopy --localize-symbols and its like.
func NamesFromFile(path string, text []byte) ([]string, error) {
	var names []string
	for i, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) > 1 {
			return nil, errcode.NameList.Errorf("%s:%d:%d: %q after the name; put one name on each line", path, i+1, strings.Index(line, words[1])+1, words[1])
		}
		names = append(names, words...)
	}
	return names, nil
}
