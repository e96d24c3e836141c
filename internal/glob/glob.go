// SPDX-License-Identifier: Apache-2.0

// Package glob matches names against patterns, as fnmatch without flags does:
// `*` is any bytes (`/` and a leading `.` too), `?` one byte, `[a-z]` one of a
// set, `[!a-z]` and `[^a-z]` one not in it.
//
// The tools that hyplink replaces differ in the rest, so each pattern is compiled
// in the [Dialect] of the tool that it was written for.
package glob

import "strings"

// Dialect says how patterns are read.
type Dialect struct {
	// Special are the bytes that make a name a pattern: some of `*?[\`. Those
	// that are not in it mean themselves. A backslash takes the meaning of the
	// byte after it.
	Special string
	// RefuseBackslash makes a backslash an error in what is a pattern by
	// another byte.
	RefuseBackslash bool
	// RefuseEmptyRange makes a range such as z-a an error; otherwise no byte is
	// in it.
	RefuseEmptyRange bool
	// RefuseClassLike makes an error of all that looks like a class, such as
	// [:alpha:] without a second pair of brackets. Classes as such always are
	// one: what is in them depends on a locale.
	RefuseClassLike bool
}

// IsPattern reports whether a name has special bytes.
func (d Dialect) IsPattern(name string) bool { return strings.ContainsAny(name, d.Special) }

// Pattern is a compiled pattern. The zero value matches the empty name.
type Pattern struct {
	text   string
	prefix string // bytes before the first special one
	elems  []elem // the rest; nil for a literal
	tail   string // literal bytes at the end, after the last `*`
	simple bool   // elems is one `*`
}

// elem matches one byte, or any number of bytes if star is set.
type elem struct {
	star bool
	set  *byteSet // nil for a single byte
	c    byte
}

// byteSet is a set of bytes.
type byteSet [4]uint64

func (s *byteSet) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *byteSet) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

// anyByte is the set that `?` stands for.
var anyByte = &byteSet{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

// String returns the pattern as written.
func (p *Pattern) String() string { return p.text }

// IsLiteral reports whether the pattern has no special bytes, so that it matches
// one name only, its String.
func (p *Pattern) IsLiteral() bool { return p.elems == nil }

// Prefix returns the bytes before the first special one, with which all names
// that match begin.
func (p *Pattern) Prefix() string { return p.prefix }

// Match reports whether the whole name matches.
func (p *Pattern) Match(name string) bool {
	if p.elems == nil {
		return name == p.prefix
	}
	if len(name) < len(p.prefix)+len(p.tail) || !strings.HasPrefix(name, p.prefix) || !strings.HasSuffix(name, p.tail) {
		return false
	}
	return p.simple || matchElems(p.elems, name[len(p.prefix):len(name)-len(p.tail)])
}

// matchElems matches s by going back to the last star only, which is enough: a
// star that took fewer bytes earlier could not do better. The time is at most
// the product of both lengths.
func matchElems(elems []elem, s string) bool {
	e, i := 0, 0
	star, resume := -1, 0
	for i < len(s) {
		switch {
		case e < len(elems) && elems[e].star:
			star, resume = e, i
			e++
		case e < len(elems) && elems[e].matches(s[i]):
			e++
			i++
		case star >= 0:
			resume++
			e, i = star+1, resume
		default:
			return false
		}
	}
	for e < len(elems) && elems[e].star {
		e++
	}
	return e == len(elems)
}

func (e *elem) matches(c byte) bool {
	if e.set != nil {
		return e.set.has(c)
	}
	return c == e.c
}
