package ldscript

import "strings"

// Glob is a compiled pattern, matched as GNU ld does it, which is fnmatch without
// flags: `*` any bytes (`/` and a leading `.` too), `?` one byte, `[a-z]` one of
// a set, `[!a-z]` and `[^a-z]` one not in it. A name without `*`, `?` and `[` is
// no pattern and stands for itself.
//
// A backslash in a pattern is refused. GNU ld 2.40 escapes with it in some places
// and compares it in others, depending on the wildcards around it and on what
// the pattern is for.
type Glob struct {
	pattern string
	prefix  string // bytes before the first wildcard
	elems   []elem // the rest; nil for a literal
	tail    string // literal bytes at the end, behind the last `*`
	simple  bool   // elems is one `*`
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
func (g *Glob) String() string { return g.pattern }

// IsLiteral reports whether g matches one name only, its String.
func (g *Glob) IsLiteral() bool { return g.elems == nil }

// Match reports whether name matches.
func (g *Glob) Match(name string) bool {
	if g.elems == nil {
		return name == g.prefix
	}
	if len(name) < len(g.prefix)+len(g.tail) || !strings.HasPrefix(name, g.prefix) || !strings.HasSuffix(name, g.tail) {
		return false
	}
	return g.simple || matchElems(g.elems, name[len(g.prefix):len(name)-len(g.tail)])
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

// wildcards are the bytes that make a name a pattern for GNU ld. A backslash
// alone does not.
const wildcards = "*?["

// compileGlob compiles the section name pattern t.
func compileGlob(t token) (Glob, error) {
	if err := checkOneWord(t, "=,"); err != nil {
		return Glob{}, err
	}
	return compile(t.text, t.pos)
}

// compile compiles pattern.
func compile(pattern string, pos Pos) (Glob, error) {
	literal := strings.IndexAny(pattern, wildcards)
	if literal < 0 {
		return Glob{pattern: pattern, prefix: pattern}, nil
	}
	g := Glob{pattern: pattern, prefix: pattern[:literal]}
	if strings.Contains(pattern, `\`) {
		return g, errorAt(pos, "match the character with ? or a set such as [*]",
			"backslash in the pattern %q", clip(pattern))
	}
	for i := literal; i < len(pattern); {
		e := elem{c: pattern[i]}
		i++
		switch e.c {
		case '*':
			e.star = true
			if k := len(g.elems); k > 0 && g.elems[k-1].star {
				continue
			}
		case '?':
			e.set = anyByte
		case '[':
			n, set, err := bracket(pattern[i:], pos)
			if err != nil {
				return g, err
			}
			i += n
			e.set = set
		}
		g.elems = append(g.elems, e)
	}
	g.splitTail()
	return g, nil
}

// splitTail moves the single bytes behind the last star into g.tail, so that a
// suffix is compared in one step and before anything else.
func (g *Glob) splitTail() {
	n := len(g.elems)
	for n > 0 && !g.elems[n-1].star && g.elems[n-1].set == nil {
		n--
	}
	if n == 0 || !g.elems[n-1].star {
		return
	}
	var tail strings.Builder
	for _, e := range g.elems[n:] {
		tail.WriteByte(e.c)
	}
	g.tail = tail.String()
	g.elems = g.elems[:n]
	g.simple = n == 1
}

// bracket compiles the set that s begins with, behind its opening bracket, and
// returns the length of it.
func bracket(s string, pos Pos) (int, *byteSet, error) {
	set := new(byteSet)
	i := 0
	invert := i < len(s) && (s[i] == '!' || s[i] == '^')
	if invert {
		i++
	}
	for first := true; ; first = false {
		if i >= len(s) {
			return 0, nil, errorAt(pos, "close it with ], or write [[]", "unterminated [ in the pattern")
		}
		if s[i] == ']' && !first {
			break
		}
		if strings.HasPrefix(s[i:], "[:") || strings.HasPrefix(s[i:], "[.") || strings.HasPrefix(s[i:], "[=") {
			return 0, nil, errorAt(pos, "write the characters, as in [a-z]",
				"character class %s in the pattern", clip(s[i:]))
		}
		low, high := s[i], s[i]
		i++
		if i+1 < len(s) && s[i] == '-' && s[i+1] != ']' {
			high = s[i+1]
			i += 2
		}
		if high < low {
			return 0, nil, errorAt(pos, "write the smaller end first", "empty range %c-%c in the pattern", low, high)
		}
		for c := int(low); c <= int(high); c++ {
			set.add(byte(c))
		}
	}
	if invert {
		for k := range set {
			set[k] = ^set[k]
		}
	}
	return i + 1, set, nil
}
