// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"cmp"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Source is the text of a linker script, or of a file that one includes.
type Source struct {
	// Name stands for the file in error messages until a line marker of the C
	// preprocessor names another one.
	Name string
	Text []byte
}

// maxIncludeDepth is how many files may be open at once, as in GNU ld (ldlex.l:
// MAX_INCLUDE_DEPTH); the script itself is one of them.
const maxIncludeDepth = 10

// maxIncludes is how often the scripts of a link may include a file. Each level
// may include the next one several times.
const maxIncludes = 1000

// includes reports whether t begins an INCLUDE that can be followed.
func (p *parser) includes(t token) bool { return p.open != nil && t.is("INCLUDE") }

// include reads the name of an INCLUDE, whose first word is at pos, and lets parse
// read that file to its end. A file has whole commands or statements of the place
// where it is included ("Using ld, File Commands").
func (p *parser) include(pos Pos, parse func() error) error {
	t, err := p.name(modeScript, "file")
	if err != nil {
		return err
	}
	p.included++
	switch {
	case p.includeDepth+1 >= maxIncludeDepth:
		return errorAt(errcode.TooComplex, pos, "remove one level, or the circle that they form", "INCLUDE of %s: more than %d files include each other", t.describe(), maxIncludeDepth)
	case p.included > maxIncludes:
		return errorAt(errcode.TooComplex, pos, "write some of the text into the script", "INCLUDE of %s: more than %d files are included", t.describe(), maxIncludes)
	}
	src, err := p.open(t.text)
	if err != nil {
		return &Error{Code: cmp.Or(errcode.Of(err), errcode.NoInclude), Pos: pos, What: "INCLUDE of " + t.describe() + ": " + err.Error()}
	}
	outer := p.lexer
	p.lexer = newLexer(src.Name, src.Text)
	p.includeDepth++
	if err := parse(); err != nil {
		return err
	}
	p.includeDepth--
	p.lexer = outer
	return nil
}
