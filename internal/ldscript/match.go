// SPDX-License-Identifier: Apache-2.0

package ldscript

// InputSection is what patterns and sorting look at.
type InputSection struct {
	File InputFile
	// Name is the section's name. Common symbols are not sections: the pattern
	// COMMON matches only an input that is given under this name.
	Name  string
	Align uint64 // sh_addralign
}

// rule is an input section description in script order.
type rule struct {
	section *OutputSection
	spec    *InputSpec
	exclude int32   // the number in Matcher.exclusions of the files that it excludes
	pattern []int32 // the same of its patterns
}

// candidate is a pattern that a section name matched. Candidates are ordered as
// in the script.
type candidate struct {
	rule    int32
	pattern int32 // index into Patterns
}

func (c candidate) before(d candidate) bool {
	return c.rule < d.rule || c.rule == d.rule && c.pattern < d.pattern
}

// Matcher finds the input section description that takes an input section. Its
// time does not depend on the number of patterns, but on those that begin as the
// section's name does. It is safe for concurrent use.
type Matcher struct {
	rules []rule
	// nodes are a trie of the literal beginnings of the patterns; nodes[0] is the
	// root.
	nodes []trieNode
	// lists are the candidates of the nodes; lists[0] is empty.
	lists      [][]candidate
	exclusions exclusions
}

// trieNode stands for the beginning that the path to it spells. Its children are
// a chain.
type trieNode struct {
	c              byte  // last byte of the beginning
	child, sibling int32 // 0 for none, as the root is nobody's child
	wild           int32 // list of the patterns with wildcards after this beginning
	literals       int32 // list of the names that end here
}

// NewMatcher compiles the input section descriptions of s.
func NewMatcher(s *Script) *Matcher {
	m := &Matcher{nodes: make([]trieNode, 1), lists: make([][]candidate, 1)}
	for _, o := range s.OutputSections() {
		for _, spec := range o.InputSpecs() {
			m.add(o, spec)
		}
	}
	return m
}

func (m *Matcher) add(o *OutputSection, spec *InputSpec) {
	c := candidate{rule: int32(len(m.rules))}
	r := rule{section: o, spec: spec, exclude: m.exclusions.number(spec.File.Exclude)}
	for i := range spec.Patterns {
		r.pattern = append(r.pattern, m.exclusions.number(spec.Patterns[i].Exclude))
	}
	m.rules = append(m.rules, r)
	if len(spec.Patterns) == 0 {
		// A file name alone takes every section.
		m.list(&m.nodes[0].wild, c)
		return
	}
	for i := range spec.Patterns {
		g := &spec.Patterns[i].Glob
		c.pattern = int32(i)
		n := &m.nodes[m.node(g.Prefix())]
		if g.IsLiteral() {
			m.list(&n.literals, c)
		} else {
			m.list(&n.wild, c)
		}
	}
}

// list appends c to the list with the given number, which it makes if needed.
func (m *Matcher) list(number *int32, c candidate) {
	if *number == 0 {
		*number = int32(len(m.lists))
		m.lists = append(m.lists, nil)
	}
	m.lists[*number] = append(m.lists[*number], c)
}

// node returns the node of the given beginning, and makes it if needed.
func (m *Matcher) node(prefix string) int32 {
	at := int32(0)
	for i := range len(prefix) {
		next := m.step(at, prefix[i])
		if next == 0 {
			next = int32(len(m.nodes))
			m.nodes = append(m.nodes, trieNode{c: prefix[i], sibling: m.nodes[at].child})
			m.nodes[at].child = next
		}
		at = next
	}
	return at
}

// step returns the child of a node for the byte c, or 0.
func (m *Matcher) step(at int32, c byte) int32 {
	for at = m.nodes[at].child; at != 0 && m.nodes[at].c != c; {
		at = m.nodes[at].sibling
	}
	return at
}

// Match returns the output section and the description that take an input
// section of that file and name: the first in the script whose file pattern and
// one of whose section patterns match. ok is false for an orphan.
//
// A section of /DISCARD/ is taken like any other: what comes before /DISCARD/ in
// the script goes first.
func (m *Matcher) Match(file InputFile, name string) (o *OutputSection, spec *InputSpec, ok bool) {
	c, ok := m.match(file, name, &fileMemo{})
	if !ok {
		return nil, nil, false
	}
	return m.rules[c.rule].section, m.rules[c.rule].spec, true
}

// match returns the first candidate in script order that accepts the section.
func (m *Matcher) match(file InputFile, name string, memo *fileMemo) (best candidate, found bool) {
	try := func(list int32, wild bool) {
		for _, c := range m.lists[list] {
			if found && !c.before(best) {
				return // the rest of the list comes later in the script
			}
			if m.accepts(c, file, name, wild, memo) {
				best, found = c, true
				return
			}
		}
	}
	at := int32(0)
	for i := 0; ; i++ {
		n := &m.nodes[at]
		try(n.wild, true)
		if i == len(name) {
			try(n.literals, false)
			return best, found
		}
		if at = m.step(at, name[i]); at == 0 {
			return best, found
		}
	}
}

// accepts looks at what the trie does not know: the files, and the pattern after
// its literal beginning.
func (m *Matcher) accepts(c candidate, file InputFile, name string, wild bool, memo *fileMemo) bool {
	r := &m.rules[c.rule]
	spec := r.spec
	if !spec.File.Glob.Match(file) || memo.excluded(&m.exclusions, r.exclude, file) {
		return false
	}
	if len(spec.Patterns) == 0 {
		return true
	}
	p := &spec.Patterns[c.pattern]
	return (!wild || p.Glob.Match(name)) && !memo.excluded(&m.exclusions, r.pattern[c.pattern], file)
}
