// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"cmp"
	"strings"
)

// CompareVersions compares two versions of a package as dpkg does (deb-version(7)): negative if a is older than b, 0 if they are equal.
func CompareVersions(a, b string) int {
	epochA, a := epoch(a)
	epochB, b := epoch(b)
	if c := compareDigits(epochA, epochB); c != 0 {
		return c
	}
	upstreamA, revisionA := revision(a)
	upstreamB, revisionB := revision(b)
	return cmp.Or(comparePart(upstreamA, upstreamB), comparePart(revisionA, revisionB))
}

func epoch(v string) (number, rest string) {
	if before, after, ok := strings.Cut(v, ":"); ok {
		return before, after
	}
	return "", v
}

func revision(v string) (upstream, revision string) {
	if i := strings.LastIndexByte(v, '-'); i >= 0 {
		return v[:i], v[i+1:]
	}
	return v, ""
}

// comparePart compares in turns what is not a digit, by weight, and numbers.
func comparePart(a, b string) int {
	for a != "" || b != "" {
		var textA, textB, digitsA, digitsB string
		textA, a = span(a, false)
		textB, b = span(b, false)
		for i := range max(len(textA), len(textB)) {
			if c := weight(textA, i) - weight(textB, i); c != 0 {
				return c
			}
		}
		digitsA, a = span(a, true)
		digitsB, b = span(b, true)
		if c := compareDigits(digitsA, digitsB); c != 0 {
			return c
		}
	}
	return 0
}

// span cuts off the leading digits, or what is before them.
func span(s string, digits bool) (head, tail string) {
	i := strings.IndexFunc(s, func(r rune) bool { return ('0' <= r && r <= '9') != digits })
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i:]
}

// weight orders characters: a tilde, the end, letters, all others.
func weight(s string, i int) int {
	switch {
	case i >= len(s):
		return 0
	case s[i] == '~':
		return -1
	case 'a' <= s[i] && s[i] <= 'z' || 'A' <= s[i] && s[i] <= 'Z':
		return int(s[i])
	}
	return int(s[i]) + 256
}

func compareDigits(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
