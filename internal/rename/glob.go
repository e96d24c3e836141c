package rename

import (
	"fmt"
	"strings"
)

// glob is a pattern that stands for names, as in objcopy --wildcard: that of
// fnmatch without flags. "*" is any bytes, "?" one, "[a-z]" one of a set, "[!a-z]"
// and "[^a-z]" one not in it, and "\" takes its meaning from the byte behind it.
type glob string

// isPattern reports whether a name has to be matched.
func isPattern(s string) bool { return strings.ContainsAny(s, `*?[\`) }

// compileGlob checks a pattern, so that matching has no errors.
func compileGlob(pattern string) (glob, error) {
	for i := 0; i < len(pattern); {
		n := element(pattern[i:])
		if set := pattern[i:]; n > 1 && (strings.Contains(set[:n], "[:") || strings.Contains(set[:n], "[.") || strings.Contains(set[:n], "[=")) {
			return "", fmt.Errorf("pattern %q has a class of characters; write the characters, as in [a-z]", pattern)
		}
		if n == 0 {
			what := "has a [ that nothing closes; write [[] for the character itself"
			if pattern[i] == '\\' {
				what = `ends in a backslash; write \\ for the character itself`
			}
			return "", fmt.Errorf("pattern %q %s", pattern, what)
		}
		i += n
	}
	return glob(pattern), nil
}

// element is the length of the pattern's first element, 0 when it is not whole.
func element(p string) int {
	switch p[0] {
	case '\\':
		if len(p) < 2 {
			return 0
		}
		return 2
	case '[':
		return setEnd(p)
	}
	return 1
}

// setEnd is the length of the set that p starts with.
func setEnd(p string) int {
	i := 1
	if i < len(p) && (p[i] == '!' || p[i] == '^') {
		i++
	}
	for first := true; i < len(p); first = false {
		if p[i] == ']' && !first {
			return i + 1
		}
		if p[i] == '\\' {
			i++
		}
		i++
	}
	return 0
}

// match reports whether the whole of s matches. Going back to the last star is
// enough, so the time is at most the product of both lengths.
func (g glob) match(s string) bool {
	p, i := string(g), 0
	afterStar, resume := "", -1
	for {
		switch {
		case p != "" && p[0] == '*':
			p = p[1:]
			afterStar, resume = p, i
			continue
		case p == "" && i == len(s):
			return true
		case p != "" && i < len(s) && matchOne(p, s[i]):
			p = p[element(p):]
			i++
			continue
		case resume < 0 || resume >= len(s):
			return false
		}
		resume++
		p, i = afterStar, resume
	}
}

// matchOne reports whether the first element of p stands for c.
func matchOne(p string, c byte) bool {
	switch p[0] {
	case '?':
		return true
	case '\\':
		return p[1] == c
	case '[':
		return matchSet(p[1:setEnd(p)-1], c)
	}
	return p[0] == c
}

// matchSet reports whether the set, without its brackets, has c.
func matchSet(set string, c byte) bool {
	not := set[0] == '!' || set[0] == '^'
	if not {
		set = set[1:]
	}
	next := func() (b byte) {
		if set[0] == '\\' {
			set = set[1:]
		}
		b, set = set[0], set[1:]
		return b
	}
	found := false
	for set != "" {
		low := next()
		high := low
		if len(set) > 1 && set[0] == '-' {
			set = set[1:]
			high = next()
		}
		found = found || low <= c && c <= high
	}
	return found != not
}
