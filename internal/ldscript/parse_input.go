// SPDX-License-Identifier: Apache-2.0

package ldscript

import "github.com/rules-hyp/rules_hyp/internal/errcode"

// inputSpec parses the input section description that t begins.
func (p *parser) inputSpec(t token) (*InputSpec, error) {
	s := &InputSpec{Pos: t.pos}
	if !t.is("KEEP") {
		return s, p.fileAndPatterns(s, t)
	}
	s.Keep = true
	if _, err := p.expect(modeWild, "("); err != nil {
		return nil, err
	}
	t, err := p.next(modeWild)
	if err != nil {
		return nil, err
	}
	if t.is("KEEP") {
		return nil, errorAt(errcode.BadSorting, t.pos, "write it once", "KEEP inside KEEP")
	}
	if err := p.fileAndPatterns(s, t); err != nil {
		return nil, err
	}
	_, err = p.expect(modeWild, ")")
	return s, err
}

// fileAndPatterns parses FILE(PATTERN…), of which t is the first token.
func (p *parser) fileAndPatterns(s *InputSpec, t token) error {
	name, sort, exclude, err := p.pattern(t, true)
	if err != nil {
		return err
	}
	s.File = FilePattern{Pos: name.pos, Sort: sort, Exclude: exclude}
	if s.File.Glob, err = compileFileGlob(name); err != nil {
		return err
	}
	t, err = p.peek(modeWild)
	if err != nil {
		return err
	}
	if !t.is("(") {
		return checkAlone(s, t)
	}
	p.skipTo(t)
	for {
		if t, err = p.next(modeWild); err != nil {
			return err
		}
		if t.is(")") && len(s.Patterns) > 0 {
			return nil
		}
		sp, err := p.sectionPattern(t)
		if err != nil {
			return err
		}
		s.Patterns = append(s.Patterns, sp)
	}
}

// checkAlone looks at a file pattern that no list of section names follows. GNU
// ld's grammar takes only a plain name there; after it the next statement begins.
func checkAlone(s *InputSpec, next token) error {
	if s.File.Sort != SortDefault || s.File.Exclude != nil {
		return unexpected(next, "`(` and section names")
	}
	return nil
}

// sectionPattern parses one entry of the list in parentheses.
func (p *parser) sectionPattern(t token) (SectionPattern, error) {
	name, sort, exclude, err := p.pattern(t, false)
	if err != nil {
		return SectionPattern{}, err
	}
	sp := SectionPattern{Pos: name.pos, Sort: sort, Exclude: exclude}
	sp.Glob, err = compileGlob(name)
	return sp, err
}

// sortWords maps the words for sorting.
var sortWords = wordTable[SortKind]{
	{"SORT", SortByName},
	{"SORT_BY_NAME", SortByName},
	{"SORT_BY_ALIGNMENT", SortByAlignment},
	{"SORT_BY_INIT_PRIORITY", SortByInitPriority},
	{"SORT_NONE", SortNone},
}

// pattern parses NAME, EXCLUDE_FILE(…) NAME, and either of them in SORT….
func (p *parser) pattern(t token, file bool) (name token, sort SortKind, exclude []FileGlob, err error) {
	open := 0
	for t.kind == tokName {
		kind, ok := sortWords.lookup(t.text)
		if !ok {
			break
		}
		if sort, err = nestSort(t, sort, kind, open, file); err != nil {
			return
		}
		open++
		if _, err = p.expect(modeWild, "("); err != nil {
			return
		}
		if t, err = p.next(modeWild); err != nil {
			return
		}
	}
	if t.is("EXCLUDE_FILE") {
		if exclude, err = p.excludeFile(); err != nil {
			return
		}
		if t, err = p.next(modeWild); err != nil {
			return
		}
		if t.kind == tokName && (sortWords.has(t.text) || t.text == "EXCLUDE_FILE") {
			err = errorAt(errcode.BadSorting, t.pos, "write SORT(EXCLUDE_FILE(…) name)",
				"%s after EXCLUDE_FILE", t.describe())
			return
		}
	}
	if err = refuse(t, refusedPatterns); err != nil {
		return
	}
	if !t.isName() {
		err = unexpected(t, "the name or the pattern of a "+fileOrSection(file))
		return
	}
	if err = checkName(t, fileOrSection(file)); err != nil {
		return
	}
	for name = t; open > 0; open-- {
		if _, err = p.expect(modeWild, ")"); err != nil {
			return
		}
	}
	return
}

func fileOrSection(file bool) string {
	if file {
		return "file"
	}
	return "section"
}

// nestSort combines a sort keyword with the enclosing one. As in GNU ld, sorting
// by name and by alignment nest at most two levels deep, and a repeated keyword
// has no effect. Files can only be sorted by name.
func nestSort(t token, outer, inner SortKind, depth int, file bool) (SortKind, error) {
	switch {
	case file && (depth > 0 || inner == SortByAlignment || inner == SortByInitPriority):
		return 0, errorAt(errcode.BadSorting, t.pos, "use SORT_BY_NAME or SORT_NONE", "%s of file names", t.text)
	case depth == 0 || depth == 1 && outer == inner && inner != SortNone && inner != SortByInitPriority:
		return inner, nil
	case depth == 1 && outer == SortByName && inner == SortByAlignment:
		return SortByNameThenAlignment, nil
	case depth == 1 && outer == SortByAlignment && inner == SortByName:
		return SortByAlignmentThenName, nil
	}
	return 0, errorAt(errcode.BadSorting, t.pos, "nest SORT_BY_NAME and SORT_BY_ALIGNMENT at most",
		"%s is not allowed here", t.text)
}

// excludeFile parses the parentheses of EXCLUDE_FILE.
func (p *parser) excludeFile() ([]FileGlob, error) {
	if _, err := p.expect(modeWild, "("); err != nil {
		return nil, err
	}
	var list []FileGlob
	for {
		t, err := p.next(modeWild)
		if err != nil {
			return nil, err
		}
		if t.is(")") && len(list) > 0 {
			return list, nil
		}
		if !t.isName() {
			return nil, unexpected(t, "file patterns and `)`")
		}
		g, err := compileFileGlob(t)
		if err != nil {
			return nil, err
		}
		list = append(list, g)
	}
}
