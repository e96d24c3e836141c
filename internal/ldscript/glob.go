// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"errors"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/glob"
)

// dialect is how GNU ld reads patterns. A name without `*`, `?` and `[` is no
// pattern and stands for itself.
//
// A backslash in a pattern is refused. GNU ld 2.40 escapes with it in some places
// and compares it in others, depending on the wildcards around it and on what
// the pattern is for.
var dialect = glob.Dialect{Special: "*?[", RefuseBackslash: true, RefuseEmptyRange: true}

// compileGlob compiles the section name pattern t.
func compileGlob(t token) (glob.Pattern, error) {
	if err := checkOneWord(t, "=,"); err != nil {
		return glob.Pattern{}, err
	}
	return compile(t.text, t.pos)
}

// compile compiles a pattern, and gives an error its place.
func compile(pattern string, pos Pos) (glob.Pattern, error) {
	g, err := dialect.Compile(pattern)
	if err == nil {
		return g, nil
	}
	var e *glob.Error
	if errors.As(err, &e) {
		err = errorAt(errcode.BadPattern, pos, e.Advice, "%s in the pattern %q", e.What, clip(e.Pattern))
	}
	return g, err
}

// InputFile names an input for file patterns.
type InputFile struct {
	// Path is the path of an object as it was given to the linker, or the name of
	// a member for one that came out of an archive.
	Path string
	// Archive is the path of the archive, or "" for an object.
	Archive string
}

// FileGlob is a compiled file pattern ("Using ld, Input Section Basics"):
//
//	PATTERN          an object, or a member of an archive by its own name
//	ARCHIVE:PATTERN  a member of an archive
//	ARCHIVE:         all members of an archive
//	:PATTERN         an object that is no member of an archive
//
// The path is matched as a whole, so `switch.o` is not `*switch.o`.
type FileGlob struct {
	pattern string
	colon   bool
	archive glob.Pattern // before the colon; not used if hasArchive is false
	file    glob.Pattern // after it, or the whole

	hasArchive, anyFile bool
}

// compileFileGlob compiles the file pattern t.
func compileFileGlob(t token) (FileGlob, error) {
	g := FileGlob{pattern: t.text, anyFile: t.text == "*"}
	if err := checkOneWord(t, "=,"); err != nil {
		return g, err
	}
	archive, file, colon := strings.Cut(t.text, ":")
	if !colon {
		archive, file = "", archive
	}
	g.colon, g.hasArchive = colon, archive != ""
	if file == "" {
		g.anyFile = true
	}
	if g.colon && archive == "" && file == "" {
		return g, errorAt(errcode.BadPattern, t.pos, "write `archive:`, `:file` or `archive:file`", "`:` names no file")
	}
	var err error
	if g.archive, err = compile(archive, t.pos); err != nil {
		return g, err
	}
	g.file, err = compile(file, t.pos)
	return g, err
}

// String returns the pattern as written.
func (g *FileGlob) String() string { return g.pattern }

// IsLiteral reports whether g names one object by its path.
func (g *FileGlob) IsLiteral() bool { return !g.colon && g.file.IsLiteral() }

// Match reports whether f matches as the file pattern of an input section
// description.
func (g *FileGlob) Match(f InputFile) bool {
	if g.colon {
		return g.matchColon(f)
	}
	if g.anyFile {
		return true
	}
	// A path without wildcards names a file of the command line.
	if g.file.IsLiteral() && f.Archive != "" {
		return false
	}
	return g.file.Match(f.Path)
}

func (g *FileGlob) matchColon(f InputFile) bool {
	return g.hasArchive == (f.Archive != "") &&
		(g.anyFile || g.file.Match(f.Path)) &&
		(!g.hasArchive || g.archive.Match(f.Archive))
}

// Excludes reports whether f matches as a pattern of EXCLUDE_FILE. There a
// pattern without a colon excludes the members of the archive that it matches,
// too.
func (g *FileGlob) Excludes(f InputFile) bool {
	if g.colon {
		return g.matchColon(f)
	}
	return g.file.Match(f.Path) || f.Archive != "" && g.file.Match(f.Archive)
}
