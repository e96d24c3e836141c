// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"fmt"
	"strings"
)

// String formats the script in one fixed way: one statement a line, spaces around
// every operator, names in quotes where they need them. Parsing the result gives
// the same script but for positions.
func (s *Script) String() string {
	var p printer
	for _, c := range s.commands {
		c.print(&p)
	}
	return p.b.String()
}

func (s *Sections) print(p *printer) {
	p.line("SECTIONS {")
	p.indent++
	for _, c := range s.commands {
		c.print(p)
	}
	p.indent--
	p.line("}")
}

func (o *OutputSection) print(p *printer) {
	p.line("%s {", o)
	p.indent++
	for _, s := range o.contents {
		p.line("%s", s)
	}
	p.indent--
	if o.Fill == nil {
		p.line("}")
		return
	}
	p.line("} = %s", FormatExpr(o.Fill.Value))
}

func (a *Assignment) print(p *printer) { p.line("%s", a) }
func (a *Assert) print(p *printer)     { p.line("%s", a) }

// String formats the description without its contents, as in a message.
func (o *OutputSection) String() string {
	var b strings.Builder
	b.WriteString(quoteName(o.Name, modeScript))
	if o.Addr != nil {
		b.WriteString(" " + FormatExpr(o.Addr))
	}
	b.WriteString(" :")
	if o.Align != nil {
		fmt.Fprintf(&b, " ALIGN(%s)", FormatExpr(o.Align))
	}
	if o.SubAlign != nil {
		fmt.Fprintf(&b, " SUBALIGN(%s)", FormatExpr(o.SubAlign))
	}
	return b.String()
}

// String formats the assignment with its semicolon.
func (a *Assignment) String() string {
	op := "="
	if a.Op != OpNone {
		op = opNames[a.Op] + op
	}
	name := a.Name
	if !a.IsDot() {
		name = quoteName(name, modeExpr)
	}
	text := fmt.Sprintf("%s %s %s", name, op, FormatExpr(a.Value))
	switch a.Kind {
	case Provide:
		text = "PROVIDE(" + text + ")"
	case Hidden:
		text = "HIDDEN(" + text + ")"
	case ProvideHidden:
		text = "PROVIDE_HIDDEN(" + text + ")"
	}
	return text + ";"
}

// String formats the assertion with a semicolon.
func (a *Assert) String() string {
	return fmt.Sprintf("ASSERT(%s, \"%s\");", FormatExpr(a.Cond), a.Message)
}

// String formats the statement with a semicolon.
func (d *Data) String() string {
	name := "BYTE"
	for _, w := range dataSizes {
		if w.means == d.Size {
			name = w.text
		}
	}
	return fmt.Sprintf("%s(%s);", name, FormatExpr(d.Value))
}

// String formats the statement with a semicolon.
func (f *Fill) String() string { return "FILL(" + FormatExpr(f.Value.Value) + ");" }

// String formats the input section description.
func (i *InputSpec) String() string {
	var b strings.Builder
	b.WriteString(patternText(i.File.Glob.pattern, i.File.Sort, i.File.Exclude))
	for k := range i.Patterns {
		b.WriteByte("( "[min(k, 1)])
		sp := &i.Patterns[k]
		b.WriteString(patternText(sp.Glob.String(), sp.Sort, sp.Exclude))
	}
	if len(i.Patterns) > 0 {
		b.WriteByte(')')
	}
	if i.Keep {
		return "KEEP(" + b.String() + ")"
	}
	return b.String()
}

// sortOpen is what precedes a sorted name; as many brackets close it.
var sortOpen = [...]string{
	SortDefault:             "",
	SortNone:                "SORT_NONE(",
	SortByName:              "SORT_BY_NAME(",
	SortByAlignment:         "SORT_BY_ALIGNMENT(",
	SortByNameThenAlignment: "SORT_BY_NAME(SORT_BY_ALIGNMENT(",
	SortByAlignmentThenName: "SORT_BY_ALIGNMENT(SORT_BY_NAME(",
	SortByInitPriority:      "SORT_BY_INIT_PRIORITY(",
}

func patternText(pattern string, sort SortKind, exclude []FileGlob) string {
	open := sortOpen[sort]
	text := quoteName(pattern, modeWild)
	if exclude != nil {
		list := make([]string, len(exclude))
		for i, g := range exclude {
			list[i] = quoteName(g.pattern, modeWild)
		}
		text = "EXCLUDE_FILE(" + strings.Join(list, " ") + ") " + text
	}
	return open + text + strings.Repeat(")", strings.Count(open, "("))
}

// printer writes indented lines.
type printer struct {
	b      strings.Builder
	indent int
}

func (p *printer) line(format string, args ...any) {
	p.b.WriteString(strings.Repeat("\t", p.indent))
	fmt.Fprintf(&p.b, format, args...)
	p.b.WriteByte('\n')
}

// quoteName puts name into quotes unless it can be read back in mode m without.
func quoteName(name string, m lexMode) string {
	l := newLexer("", []byte(name))
	t, err := l.next(m)
	plain := err == nil && t.kind == tokName && t.text == name && !reserved(name)
	switch m {
	case modeScript:
		// A fill pattern before a name with a slash would be divided by it.
		plain = plain && checkSectionName(t) == nil && (name[0] != '/' || name == DiscardName)
	case modeWild:
		plain = plain && checkOneWord(t, "=,") == nil
	case modeExpr:
		plain = plain && checkSymbolWord(t) == nil && name != "."
	}
	if plain {
		return name
	}
	return `"` + name + `"`
}

// reserved reports whether the unquoted word means something else than a name in
// any place.
func reserved(word string) bool {
	if word == "SECTIONS" || word == "FILL" || word == "KEEP" || word == "EXCLUDE_FILE" || word == "SUBALIGN" {
		return true
	}
	return functions.has(word) || sortWords.has(word) || dataSizes.has(word) || isAssignWord(word) ||
		refusedCommands.has(word) || refusedFunctions.has(word) || refusedTypes.has(word) || refusedAttributes.has(word) || refusedPatterns.has(word)
}
