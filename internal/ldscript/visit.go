// SPDX-License-Identifier: Apache-2.0

package ldscript

import "fmt"

// The commands and statements of a script are in unexported fields, and nothing
// outside of this package has a type switch over them. Code that goes through them
// does so with a visitor, which has a method for each type that there is. A new
// type needs a visit method, that one a method of the visitor, and then nothing
// builds until every visitor says what it makes of it.

// A CommandVisitor is shown what is outside of output sections, and the output
// sections.
type CommandVisitor interface {
	OutputSection(*OutputSection) error
	Assignment(*Assignment) error
	Assert(*Assert) error
}

// A StatementVisitor is shown what is in an output section.
type StatementVisitor interface {
	InputSpec(*InputSpec) error
	Assignment(*Assignment) error
	Data(*Data) error
	Fill(*Fill) error
	Assert(*Assert) error
}

// Visit shows v the commands of the script in their order, those of a SECTIONS
// command in its place. It ends at the first error, which it returns.
func (s *Script) Visit(v CommandVisitor) error {
	for _, c := range s.commands {
		if err := c.visitCommand(v); err != nil {
			return err
		}
	}
	return nil
}

// Visit shows v the statements of the output section in their order. It ends at
// the first error, which it returns.
func (o *OutputSection) Visit(v StatementVisitor) error {
	for _, s := range o.contents {
		if err := s.visitStatement(v); err != nil {
			return err
		}
	}
	return nil
}

// command is a top-level command: *Sections, *Assignment or *Assert.
type command interface {
	Position() Pos
	print(*printer)
	visitCommand(CommandVisitor) error
}

// sectionsCommand is a command directly inside SECTIONS: *OutputSection,
// *Assignment or *Assert.
type sectionsCommand interface {
	Position() Pos
	print(*printer)
	visitSectionsCommand(CommandVisitor) error
}

// statement is in an output section: *InputSpec, *Assignment, *Data, *Fill or
// *Assert.
type statement interface {
	Position() Pos
	fmt.Stringer
	visitStatement(StatementVisitor) error
}

func (s *Sections) visitCommand(v CommandVisitor) error {
	for _, c := range s.commands {
		if err := c.visitSectionsCommand(v); err != nil {
			return err
		}
	}
	return nil
}

func (a *Assignment) visitCommand(v CommandVisitor) error { return v.Assignment(a) }
func (a *Assert) visitCommand(v CommandVisitor) error     { return v.Assert(a) }

func (o *OutputSection) visitSectionsCommand(v CommandVisitor) error { return v.OutputSection(o) }
func (a *Assignment) visitSectionsCommand(v CommandVisitor) error    { return v.Assignment(a) }
func (a *Assert) visitSectionsCommand(v CommandVisitor) error        { return v.Assert(a) }

func (i *InputSpec) visitStatement(v StatementVisitor) error  { return v.InputSpec(i) }
func (a *Assignment) visitStatement(v StatementVisitor) error { return v.Assignment(a) }
func (d *Data) visitStatement(v StatementVisitor) error       { return v.Data(d) }
func (f *Fill) visitStatement(v StatementVisitor) error       { return v.Fill(f) }
func (a *Assert) visitStatement(v StatementVisitor) error     { return v.Assert(a) }

// OutputSections returns the output section descriptions of all SECTIONS
// commands in script order.
func (s *Script) OutputSections() []*OutputSection {
	var l lists
	_ = s.Visit(&l) // it has no errors
	return l.sections
}

// Assignments returns all assignments, inside and outside of output sections, in
// script order.
func (s *Script) Assignments() []*Assignment {
	l := lists{inside: true}
	_ = s.Visit(&l)
	return l.assignments
}

// InputSpecs returns the input section descriptions of the output section in
// their order.
func (o *OutputSection) InputSpecs() []*InputSpec {
	var l lists
	_ = o.Visit(&l)
	return l.specs
}

// lists takes notes of what some have a use for without the rest.
type lists struct {
	inside      bool // look into output sections
	sections    []*OutputSection
	assignments []*Assignment
	specs       []*InputSpec
}

func (l *lists) OutputSection(o *OutputSection) error {
	l.sections = append(l.sections, o)
	if l.inside {
		return o.Visit(l)
	}
	return nil
}

func (l *lists) Assignment(a *Assignment) error {
	l.assignments = append(l.assignments, a)
	return nil
}

func (l *lists) InputSpec(i *InputSpec) error {
	l.specs = append(l.specs, i)
	return nil
}

func (*lists) Assert(*Assert) error { return nil }
func (*lists) Data(*Data) error     { return nil }
func (*lists) Fill(*Fill) error     { return nil }
