// SPDX-License-Identifier: Apache-2.0

// Package depfile reads the dependency files that gcc and clang write with -MD, and finds the candidates that are not in them.
package depfile

import (
	"bytes"
	"path"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// ErrNoRule is returned for a dependency file without a rule, such as an empty one.
var ErrNoRule = errcode.NoDependencyFile.Errorf("no `target:` in the dependency file; the compiler did not finish it")

// Parse returns the prerequisites of the first rule of a dependency file, cleaned with path.Clean, in order.
//
// The format is make's: `target: file file \`. A backslash escapes a line end, a space, a `#` or another backslash; `$$` is a dollar sign.
// Later rules are the empty ones of -MP, and are ignored.
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

// ruleStart returns the index after the first colon that ends a target, or -1.
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

// Lines splits a parameter file with one argument per line; empty lines are ignored.
func Lines(text []byte) []string {
	var out []string
	for _, l := range strings.Split(string(text), "\n") {
		if l = strings.TrimSuffix(l, "\r"); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// Unread returns the candidates that are not among the files read, unchanged and in order.
//
// All files except *.h count as read, since other files are read in ways that no compiler lists. So do directories. If the compiler names a file by its real path (gcc does for system headers if that is shorter), the candidates are also compared by
// their real paths.
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

// realPath resolves symbolic links. A path that cannot be resolved is returned as an absolute path, which is in no dependency file.
func realPath(p string) string {
	if abs, err := filepath.Abs(p); err == nil {
		p = abs
	}
	if r, err := filepath.EvalSymlinks(p); err == nil {
		return r
	}
	return p
}
