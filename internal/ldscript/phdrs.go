// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Program headers ("Using ld, PHDRS Command") are for linked files. Scripts that
// are for both kinds of links have them: they are parsed, and as in GNU ld -r
// mean nothing.

// phdrTypes are the words for types of program headers.
var phdrTypes = []string{
	"PT_NULL", "PT_LOAD", "PT_DYNAMIC", "PT_INTERP", "PT_NOTE", "PT_SHLIB", "PT_PHDR", "PT_TLS",
	"PT_GNU_EH_FRAME", "PT_GNU_STACK", "PT_GNU_RELRO", "PT_GNU_PROPERTY",
}

// phdrs parses a PHDRS command after its first word.
func (p *parser) phdrs() error {
	if _, err := p.expect(modeScript, "{"); err != nil {
		return err
	}
	for {
		t, err := p.next(modeExpr)
		if err != nil {
			return err
		}
		if t.is("}") {
			return nil
		}
		if !t.isName() {
			return unexpected(t, "the name of a program header or `}`")
		}
		p.headers = append(p.headers, t.text)
		if err := p.phdr(); err != nil {
			return err
		}
	}
}

// phdr parses a program header after its name.
func (p *parser) phdr() error {
	t, err := p.next(modeExpr)
	if err != nil {
		return err
	}
	if t.kind != tokNumber && !(t.kind == tokName && slices.Contains(phdrTypes, t.text)) {
		return unexpected(t, "a type of program header, such as PT_LOAD")
	}
	for {
		t, err := p.next(modeExpr)
		switch {
		case err != nil:
			return err
		case t.is(";"):
			return nil
		case t.is("FILEHDR"), t.is("PHDRS"):
		case t.is("AT"), t.is("FLAGS"):
			if _, err := p.parenthesised(); err != nil {
				return err
			}
		default:
			return unexpected(t, "FILEHDR, PHDRS, AT(…), FLAGS(…) or `;`")
		}
	}
}

// sectionPhdrs parses the program headers after an output section: `:text :NONE`.
func (p *parser) sectionPhdrs() error {
	for {
		t, err := p.peek(modeScript)
		if err != nil || t.kind == tokQuoted || t.text == "" || t.text[0] != ':' {
			return err
		}
		p.at.off++ // the colon, whatever follows it
		if t, err = p.name(modeExpr, "program header"); err != nil {
			return err
		}
		p.uses = append(p.uses, t)
	}
}

// checkPhdrs looks for program headers that no PHDRS command declares.
func (p *parser) checkPhdrs() error {
	for _, t := range p.uses {
		if t.text != "NONE" && !slices.Contains(p.headers, t.text) {
			return errorAt(errcode.NoProgramHeader, t.pos, "remove it, or add it to PHDRS", "there is no program header %s", t.describe())
		}
	}
	return nil
}
