// SPDX-License-Identifier: Apache-2.0

package kbuild

import (
	"path"
	"slices"
	"strings"
)

// Shared has the common options of compiles of one kind, and the others.
type Shared struct {
	// Common are the options that all have, in kbuild's order.
	Common []Option
	// PerSource are the other options; the key is the source's cleaned path.
	PerSource map[string][]Option
}

// hyp_library's variables for a source's name.
const (
	nameVariable  = "$(NAME)"
	identVariable = "$(IDENT)"
)

// Share splits the options of compiles into the common part and the rest.
//
// hyp_library appends the rest to the common part. A common option that must
// come after an option of one source, because one can override the other, is
// therefore not common, but in the rest of all.
func Share(compiles []Compile) *Shared {
	shared := &Shared{PerSource: map[string][]Option{}}
	lists := make([][]Option, len(compiles))
	for i, compile := range compiles {
		lists[i] = generalize(compile)
		if i == 0 {
			shared.Common = lists[0]
		} else {
			shared.Common = commonSubsequence(shared.Common, lists[i])
		}
	}
	for i := 0; i < len(lists); {
		if moved := blocked(lists[i], shared.Common); moved >= 0 {
			// Begin again: what is moved may come before a common option of another source.
			shared.Common = slices.Delete(slices.Clone(shared.Common), moved, moved+1)
			i = 0
			continue
		}
		i++
	}
	for i, compile := range compiles {
		rest := remainder(lists[i], shared.Common)
		rest = append(rest, spelledMaps(compile)...)
		if len(rest) > 0 {
			shared.PerSource[path.Clean(compile.Source)] = rest
		}
	}
	return shared
}

// generalize replaces the source's name in the macros that kbuild makes of it
// (scripts/Makefile.lib, name-fix): KBUILD_MODFILE has it as is, the others as an
// identifier.
func generalize(compile Compile) []Option {
	name := strings.TrimSuffix(path.Base(compile.Source), path.Ext(compile.Source))
	ident := strings.NewReplacer("-", "_", ",", "_").Replace(name)
	options := make([]Option, len(compile.Options))
	for i, option := range compile.Options {
		options[i] = option
		if len(option) != 1 {
			continue
		}
		macro, value, ok := strings.Cut(option[0], "=")
		if !ok {
			continue
		}
		switch macro {
		case "-DKBUILD_MODFILE":
			if slash := strings.LastIndex(value, "/"); slash >= 0 {
				value = value[:slash+1] + replaceHead(value[slash+1:], name, nameVariable)
			}
		case "-DKBUILD_BASENAME", "-DKBUILD_MODNAME":
			if rest, ok := strings.CutPrefix(value, `"`); ok {
				value = `"` + replaceHead(rest, ident, identVariable)
			}
		case "-D__KBUILD_MODNAME":
			// Up to Linux 6.12 the value starts with kmod_.
			rest := strings.TrimPrefix(value, "kmod_")
			value = value[:len(value)-len(rest)] + replaceHead(rest, ident, identVariable)
		}
		options[i] = Option{macro + "=" + value}
	}
	return options
}

// replaceHead replaces a name at the start of text, if it is followed by the end, a dot or a quote.
func replaceHead(text, name, variable string) string {
	rest, ok := strings.CutPrefix(text, name)
	if !ok || rest != "" && rest[0] != '.' && rest[0] != '"' {
		return text
	}
	return variable + rest
}

func equal(a, b Option) bool { return a.String() == b.String() && len(a) == len(b) }

// commonSubsequence returns the longest common subsequence of two lists of options.
func commonSubsequence(a, b []Option) []Option {
	// length[i][j] is that of a[i:] and b[j:].
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if equal(a[i], b[j]) {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	var common []Option
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case equal(a[i], b[j]):
			common = append(common, a[i])
			i++
			j++
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return common
}

// remainder returns the options that are not in common, a subsequence of options.
func remainder(options, common []Option) []Option {
	var rest []Option
	next := 0
	for _, option := range options {
		if next < len(common) && equal(option, common[next]) {
			next++
			continue
		}
		rest = append(rest, option)
	}
	return rest
}

// blocked returns the index in common of an option that may not come before
// the rest of options, since one of these is before it and they have the same
// subject; -1 if there is none.
func blocked(options, common []Option) int {
	before := map[string]bool{}
	grouped := false
	next := 0
	for _, option := range options {
		if next == len(common) || !equal(option, common[next]) {
			before[subject(option)] = true
			grouped = grouped || warningGroups[option[0]]
			continue
		}
		if before[subject(option)] || grouped && strings.HasPrefix(option[0], "-W") && !strings.Contains(option[0], ",") {
			return next
		}
		next++
	}
	return -1
}

// warningGroups turn other warnings on. With gcc the option of a single one wins wherever it is, with clang the last option.
var warningGroups = map[string]bool{"-W": true, "-Wall": true, "-Wextra": true, "-Weverything": true, "-Wpedantic": true, "-pedantic": true}

// positionIndependence are the options that select the same property.
var positionIndependence = map[string]bool{"pic": true, "PIC": true, "pie": true, "PIE": true}

// subject returns what an option is about. The order of two options matters if
// they have the same subject: the last one wins, or the first directory is
// searched first. Other options commute (GCC manual, 3.1).
func subject(option Option) string {
	word := option[0]
	for _, prefix := range []string{"-D", "-U"} {
		if name, ok := strings.CutPrefix(word, prefix); ok {
			if name == "" && len(option) > 1 {
				name = option[1]
			}
			name, _, _ = strings.Cut(name, "=")
			return "macro " + name
		}
	}
	switch {
	case strings.HasPrefix(word, "-I"), word == "-isystem", word == "-iquote", word == "-idirafter", word == "-iwithprefix":
		return "dir"
	case len(option) > 1:
		return word
	case strings.HasPrefix(word, "-O"), strings.HasPrefix(word, "-g"):
		return word[:2]
	case strings.HasPrefix(word, "-W") && strings.Contains(word, ","):
		// -Wa,… and -Wp,…: the order matters within each.
		return word[:3]
	}
	name, _, _ := strings.Cut(word, "=")
	if len(name) < 3 || strings.IndexByte("fmW", name[1]) < 0 {
		return name
	}
	kind, name := name[:2], strings.TrimPrefix(name[2:], "no-")
	if kind == "-W" {
		// -Werror=NAME and -Wno-error=NAME are about the warning NAME.
		if _, warning, ok := strings.Cut(word, "error="); ok {
			name = warning
		}
	}
	switch {
	case kind == "-f" && positionIndependence[name]:
		name = "PIC"
	case kind == "-f" && strings.HasSuffix(name, "signed-char"):
		name = "signed-char"
	case kind == "-f" && strings.HasPrefix(name, "stack-protector"):
		name = "stack-protector"
	}
	return kind + name
}
