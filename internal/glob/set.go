// SPDX-License-Identifier: Apache-2.0

package glob

// Set matches a name against many patterns at once. The time depends on how many
// shapes they have, not on how many they are: literals, and patterns with one
// star such as *.o, are looked up by the bytes at both ends.
type Set struct {
	literals map[string]bool
	shapes   []shape
	others   []*Pattern
}

// shape is the patterns with one star and the same number of bytes around it.
type shape struct {
	prefix, suffix int
	ends           map[[2]string]bool
}

// Add adds a pattern, which must not change.
func (s *Set) Add(p *Pattern) {
	switch {
	case p.IsLiteral():
		if s.literals == nil {
			s.literals = map[string]bool{}
		}
		s.literals[p.prefix] = true
	case p.simple:
		s.addShape(p)
	default:
		s.others = append(s.others, p)
	}
}

func (s *Set) addShape(p *Pattern) {
	ends := [2]string{p.prefix, p.tail}
	for i := range s.shapes {
		if sh := &s.shapes[i]; sh.prefix == len(p.prefix) && sh.suffix == len(p.tail) {
			sh.ends[ends] = true
			return
		}
	}
	s.shapes = append(s.shapes, shape{len(p.prefix), len(p.tail), map[[2]string]bool{ends: true}})
}

// Match reports whether the whole name matches one of the patterns.
func (s *Set) Match(name string) bool {
	if s.literals[name] {
		return true
	}
	for i := range s.shapes {
		sh := &s.shapes[i]
		if n := len(name); n >= sh.prefix+sh.suffix && sh.ends[[2]string{name[:sh.prefix], name[n-sh.suffix:]}] {
			return true
		}
	}
	for _, p := range s.others {
		if p.Match(name) {
			return true
		}
	}
	return false
}
