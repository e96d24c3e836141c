package kbuild

import (
	"fmt"
	"path"
	"strings"
)

// Shared is what the compiles of one kind have in common, and what is left.
type Shared struct {
	// Common are the options of all, in kbuild's order.
	Common []Option
	// PerSource are the further options of single sources; the key is the source's cleaned path.
	PerSource map[string][]Option
}

// Names of hyp_library's variables for a source's own name.
const (
	nameVariable  = "$(NAME)"
	identVariable = "$(IDENT)"
)

// Share splits the options of compiles into the common part and the rest.
//
// hyp_library puts the rest behind the common part. Where that would change the
// order of two options that could undo each other, Share returns an error.
func Share(compiles []Compile) (*Shared, error) {
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
	for i, compile := range compiles {
		rest, err := remainder(lists[i], shared.Common)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", compile.Source, err)
		}
		if spelled := spelledMap(compile); spelled != nil {
			rest = append(rest, spelled)
		}
		if len(rest) > 0 {
			shared.PerSource[path.Clean(compile.Source)] = rest
		}
	}
	return shared, nil
}

// generalize replaces a source's own name in the macros that kbuild makes of it
// (scripts/Makefile.lib, name-fix): KBUILD_MODFILE holds it as it is, the
// others as an identifier.
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
			// Up to Linux 6.12 the value begins with kmod_.
			rest := strings.TrimPrefix(value, "kmod_")
			value = value[:len(value)-len(rest)] + replaceHead(rest, ident, identVariable)
		}
		options[i] = Option{macro + "=" + value}
	}
	return options
}

// replaceHead replaces a name at the head of text, where the name ends there.
func replaceHead(text, name, variable string) string {
	rest, ok := strings.CutPrefix(text, name)
	if !ok || rest != "" && rest[0] != '.' && rest[0] != '"' {
		return text
	}
	return variable + rest
}

// DebugMap returns the one option that hypgen adds to kbuild's: debug
// information names files from the tree's root, as where kbuild builds in its
// source tree, and not by the place that Bazel keeps the repository in. It is
// nil for options that make no debug information.
func DebugMap(options []Option) Option {
	debug := false
	for _, option := range options {
		if strings.HasPrefix(option[0], "-g") {
			debug = option[0] != "-g0"
		}
	}
	if !debug {
		return nil
	}
	return Option{"-fdebug-prefix-map=" + TreeRoot + "/="}
}

// spelledMap returns the option that gives a source the name that kbuild's
// command has for it. __FILE__ ends up in .hyp.rodata, and a BUILD file cannot
// spell a source with "..".
func spelledMap(compile Compile) Option {
	cleaned := path.Clean(compile.Source)
	if cleaned == compile.Source {
		return nil
	}
	for _, option := range compile.Options {
		for _, root := range []string{"-fmacro-prefix-map=", "-ffile-prefix-map="} {
			if option[0] == root+TreeRoot+"/=" {
				return Option{"-ffile-prefix-map=" + TreeRoot + "/" + cleaned + "=" + compile.Source}
			}
		}
	}
	return nil
}

func equal(a, b Option) bool { return a.String() == b.String() && len(a) == len(b) }

// commonSubsequence returns the longest list of options that stands in both, in the same order.
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

// remainder returns the options that are not in common, after the check that
// they may stand behind it.
func remainder(options, common []Option) ([]Option, error) {
	var rest []Option
	next := 0
	for _, option := range options {
		if next < len(common) && equal(option, common[next]) {
			next++
			if blocked := undone(rest, option); blocked != nil {
				return nil, fmt.Errorf("option %s stands before %s, which all sources have; hyp_library would put it behind; "+
					"give the source a hyp_library of its own", blocked, option)
			}
			continue
		}
		rest = append(rest, option)
	}
	return rest, nil
}

// undone returns an option of rest that an option behind it could change the meaning of.
func undone(rest []Option, behind Option) Option {
	for _, option := range rest {
		if subject(option) == subject(behind) {
			return option
		}
	}
	return nil
}

// positionIndependence are the options that choose between the same few kinds of code.
var positionIndependence = map[string]bool{"pic": true, "PIC": true, "pie": true, "PIE": true}

// subject returns what an option is about. The order of two options counts
// where their subjects are equal: the last one wins, or the first folder is
// searched first. Options of different subjects commute (GCC manual, 3.1).
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
	case strings.HasPrefix(word, "-I"), word == "-isystem", word == "-iquote", word == "-idirafter":
		return "folder"
	case len(option) > 1:
		return word
	case strings.HasPrefix(word, "-O"), strings.HasPrefix(word, "-g"):
		return word[:2]
	case strings.HasPrefix(word, "-W") && strings.Contains(word, ","):
		// -Wa,… and -Wp,…: the assembler and the preprocessor have orders of their own.
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
