// Package depfile reads the dependency files that gcc and clang write under -MD, and finds the candidates they do not name.
package depfile

import (
	"bytes"
	"errors"
	"path"
	"path/filepath"
	"strings"
)

// ErrNoRule is returned for a dependency file that holds no rule, such as an empty one.
var ErrNoRule = errors.New("no `target:` in the dependency file; the compiler did not finish it")

// Parse returns the prerequisites of the first rule of a dependency file, cleaned as by path.Clean, in the file's order.
//
// The form is make's: `target: file file \` with a backslash before a line end, a space, a `#` or another backslash that is to be
// taken as it is, and `$$` for a dollar sign. Rules after the first are the empty ones of -MP and are left out.
func Parse(text []byte) ([]string, error) {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	i := ruleStart(text)
	if i < 0 {
		return nil, ErrNoRule
	}
	var (
		files []string
		word  strings.Builder
	)
	flush := func() {
		if word.Len() > 0 {
			files = append(files, path.Clean(word.String()))
			word.Reset()
		}
	}
	for ; i < len(text); i++ {
		c := text[i]
		next := byte(0)
		if i+1 < len(text) {
			next = text[i+1]
		}
		switch {
		case c == '\\' && next == '\n':
			flush()
			i++
		case c == '\\' && (next == ' ' || next == '#' || next == '\\' || next == ':'):
			word.WriteByte(next)
			i++
		case c == '$' && next == '$':
			word.WriteByte('$')
			i++
		case c == '\n':
			flush()
			return files, nil
		case c == ' ' || c == '\t':
			flush()
		default:
			word.WriteByte(c)
		}
	}
	flush()
	return files, nil
}

// ruleStart returns the index behind the first colon that ends a target, or -1.
func ruleStart(text []byte) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case ':':
			if i+1 == len(text) || strings.IndexByte(" \t\n\\", text[i+1]) >= 0 {
				return i + 1
			}
		}
	}
	return -1
}

// Lines splits a parameter file of one argument a line; empty lines are left out.
func Lines(text []byte) []string {
	var out []string
	for _, l := range strings.Split(string(text), "\n") {
		if l = strings.TrimSuffix(l, "\r"); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// Unread returns the candidates, as they are written, which the files read do not name, in the candidates' order.
//
// Only names that end in .h take part: the assembler reads files of `.incbin` and `.include` behind the preprocessor's back, so a file
// of another kind counts as read. A directory counts as read too, for the same caution. Where the compiler names a file by its
// real path (gcc does so for system headers when that is shorter), the candidates are compared by their real paths as well.
func Unread(candidates, read []string) []string {
	seen := make(map[string]bool, len(read))
	absolute := false
	for _, r := range read {
		seen[path.Clean(r)] = true
		absolute = absolute || path.IsAbs(r)
	}
	var out []string
	for _, c := range candidates {
		if !strings.HasSuffix(c, ".h") || seen[path.Clean(c)] {
			continue
		}
		if absolute && seen[realPath(c)] {
			continue
		}
		out = append(out, c)
	}
	return out
}

// realPath resolves symbolic links; a path that cannot be resolved is returned made absolute, which no dependency can equal by
// mistake.
func realPath(p string) string {
	if abs, err := filepath.Abs(p); err == nil {
		p = abs
	}
	if r, err := filepath.EvalSymlinks(p); err == nil {
		return r
	}
	return p
}
