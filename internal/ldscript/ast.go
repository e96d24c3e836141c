// SPDX-License-Identifier: Apache-2.0

package ldscript

import "github.com/rules-hyp/rules_hyp/internal/glob"

// Script is one parsed linker script.
type Script struct {
	// Name is the name given to Parse; those of several scripts with commas.
	Name string
	// commands are the script's commands in their order. A script may hold more
	// than one SECTIONS command (the kernel's module.lds does); they count as
	// one, in order.
	commands []command
}

// Sections is a SECTIONS command ("Using ld, SECTIONS Command").
type Sections struct {
	Pos      Pos
	commands []sectionsCommand
}

// DiscardName is the name of the output section whose input sections are left
// out of the output ("Using ld, Output Section Discarding").
const DiscardName = "/DISCARD/"

// OutputSection is an output section description ("Using ld, Output Section
// Description"): NAME [Addr] : [ALIGN(Align)] [SUBALIGN(SubAlign)] { Contents } [=Fill].
//
// Names are unique in a script, but for /DISCARD/.
type OutputSection struct {
	Pos  Pos
	Name string
	// Discard is true for /DISCARD/, which has neither address nor alignment.
	Discard bool
	// Addr is the address expression before the colon, or nil. In a relocatable
	// link the kernel's scripts write 0 or nothing.
	Addr Expr
	// Align and SubAlign are the arguments of ALIGN and SUBALIGN, or nil.
	Align, SubAlign Expr
	contents        []statement
	// Fill is the pattern after the closing brace, or nil.
	Fill *FillValue
}

// AssignKind tells PROVIDE and HIDDEN from a plain assignment.
type AssignKind uint8

// The kinds of assignment ("Using ld, Assigning Values to Symbols").
const (
	Assign        AssignKind = iota // symbol = expression
	Provide                         // PROVIDE(symbol = expression): only if referenced and not defined
	Hidden                          // HIDDEN(symbol = expression): STV_HIDDEN
	ProvideHidden                   // PROVIDE_HIDDEN(symbol = expression): both
)

// Provides reports whether the symbol is defined only when an input refers to it
// and none defines it.
func (k AssignKind) Provides() bool { return k == Provide || k == ProvideHidden }

// Hides reports whether the symbol gets hidden visibility.
func (k AssignKind) Hides() bool { return k == Hidden || k == ProvideHidden }

// Assignment sets a symbol or the location counter.
type Assignment struct {
	Pos  Pos
	Kind AssignKind
	// Name is the symbol's name, or "." for the location counter.
	Name string
	// Op is OpNone for `=`, or the operator of `+=`, `-=`, `*=`, `/=`, `<<=`,
	// `>>=`, `&=` and `|=`.
	Op    Op
	Value Expr
}

// IsDot reports whether a moves the location counter.
func (a *Assignment) IsDot() bool { return a.Name == "." }

// Assert is ASSERT(Cond, Message) ("Using ld, Miscellaneous Commands").
type Assert struct {
	Pos     Pos
	Cond    Expr
	Message string
}

// Data is BYTE, SHORT, LONG or QUAD ("Using ld, Output Section Data").
type Data struct {
	Pos Pos
	// Size is the number of bytes: 1, 2, 4 or 8. They are written in the
	// output's byte order.
	Size  int
	Value Expr
}

// Fill is FILL(pattern): the padding of what follows in the same output section.
type Fill struct {
	Pos   Pos
	Value FillValue
}

// FillValue is a fill pattern ("Using ld, Output Section Fill"). It is constant.
type FillValue struct {
	Pos Pos
	// Bytes is the pattern, repeated from the start of each gap: for a bare
	// hexadecimal number as many bytes as its digits say, leading zeros counted;
	// for any other expression its low four bytes, most significant first,
	// whatever the output's byte order.
	Bytes []byte
	// Value is the expression as written.
	Value Expr
}

// InputSpec is an input section description ("Using ld, Input Section Basics"):
// [KEEP] FILE(PATTERN…).
type InputSpec struct {
	Pos  Pos
	Keep bool
	File FilePattern
	// Patterns is empty for a file name without a list, which stands for all
	// sections of the file.
	Patterns []SectionPattern
}

// FilePattern says which input files an InputSpec looks at.
type FilePattern struct {
	Pos Pos
	// Glob is matched as GNU ld does it; see FileGlob.
	Glob FileGlob
	// Sort is SortNone, or SortByName for SORT(*)(…) and SORT_BY_NAME(*)(…).
	Sort SortKind
	// Exclude are the patterns of an EXCLUDE_FILE before the file pattern. It
	// applies to every section pattern.
	Exclude []FileGlob
}

// SectionPattern is one section name pattern of an InputSpec.
type SectionPattern struct {
	Pos  Pos
	Glob glob.Pattern
	Sort SortKind
	// Exclude are the patterns of an EXCLUDE_FILE before this name. As in GNU ld
	// since 2.29 it applies to this name only.
	Exclude []FileGlob
}

// SortKind is the order asked for among the matches of one pattern ("Using ld,
// Input Section Wildcards").
type SortKind uint8

// The kinds of sorting.
const (
	SortDefault             SortKind = iota // nothing written: input order
	SortNone                                // SORT_NONE(…): input order, whatever the command line says
	SortByName                              // SORT(…), SORT_BY_NAME(…), SORT(SORT_BY_NAME(…))
	SortByAlignment                         // SORT_BY_ALIGNMENT(…): largest first
	SortByNameThenAlignment                 // SORT_BY_NAME(SORT_BY_ALIGNMENT(…))
	SortByAlignmentThenName                 // SORT_BY_ALIGNMENT(SORT_BY_NAME(…))
	SortByInitPriority                      // SORT_BY_INIT_PRIORITY(…): by the number at the name's end
)

// Position returns the place of the command's first word.
func (s *Sections) Position() Pos { return s.Pos }

// Position returns the place of the section's name.
func (o *OutputSection) Position() Pos { return o.Pos }

// Position returns the place of the symbol, or of PROVIDE or HIDDEN before it.
func (a *Assignment) Position() Pos { return a.Pos }

// Position returns the place of the word ASSERT.
func (a *Assert) Position() Pos { return a.Pos }

// Position returns the place of the word BYTE, SHORT, LONG or QUAD.
func (d *Data) Position() Pos { return d.Pos }

// Position returns the place of the word FILL.
func (f *Fill) Position() Pos { return f.Pos }

// Position returns the place of the description's first word.
func (i *InputSpec) Position() Pos { return i.Pos }
