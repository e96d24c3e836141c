// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

// scriptSymbol is a symbol that the linker script defines.
type scriptSymbol struct {
	name   string
	value  ldscript.Value
	hidden bool
	pos    ldscript.Pos
}

// layout is one run over the script; it is the environment of its expressions.
// Addresses are zero: in a relocatable object nothing has one, and `.` inside
// an output section counts from the section's start.
type layout struct {
	l        *linker
	values   map[string]ldscript.Value
	order    []scriptSymbol // in order of first definition
	declared map[string]bool
	assigned map[string]bool // by this run
	section  *output         // being laid out
	last     *output         // the one before
	dot      uint64
	changed  bool
	asserts  []error
}

// Section implements ldscript.Env.
func (y *layout) Section() string {
	if y.section == nil {
		return ""
	}
	return y.section.name
}

// Dot implements ldscript.Env.
func (y *layout) Dot() uint64 {
	if y.section != nil {
		return y.section.size
	}
	return y.dot
}

// DotSection implements ldscript.Env.
func (y *layout) DotSection() string {
	if y.last == nil {
		return ""
	}
	return y.last.name
}

// Symbol implements ldscript.Env.
func (y *layout) Symbol(name string) (ldscript.Value, bool) {
	if v, ok := y.values[name]; ok {
		return v, true
	}
	if g := y.l.symbolTable.lookup(name); g != nil && g.defined() {
		switch {
		case g.def.Section == elfobj.Absolute:
			return ldscript.Abs(g.def.Value), true
		case g.def.Section > 0:
			if isec := &g.in.sections[g.def.Section]; isec.home() != nil {
				at, value := isec.locate(g.def.Value)
				return ldscript.Rel(at.out.name, at.offset+value), true
			}
		}
		return ldscript.Value{}, false
	}
	if y.declared[name] {
		// Defined further down: the next run knows it.
		y.changed = true
		return ldscript.Abs(0), true
	}
	return ldscript.Value{}, false
}

// SectionInfo implements ldscript.Env.
func (y *layout) SectionInfo(name string) (ldscript.SectionInfo, bool) {
	o := y.l.byName[name]
	if o == nil {
		return ldscript.SectionInfo{}, false
	}
	return ldscript.SectionInfo{Size: o.size, Align: o.align}, true
}

// declare notes which symbols the script will define.
func (y *layout) declare() {
	for _, a := range y.l.opts.Script.Assignments() {
		if !a.IsDot() && y.wanted(a) {
			y.declared[a.Name] = true
		}
	}
}

// wanted reports whether an assignment defines its symbol: PROVIDE does so
// only for one that an input refers to and none defines.
func (y *layout) wanted(a *ldscript.Assignment) bool {
	if !a.Kind.Provides() {
		return true
	}
	g := y.l.symbolTable.lookup(a.Name)
	return g != nil && !g.defined()
}

// run lays everything out once, in the order of the script.
func (y *layout) run() error {
	y.section, y.last, y.dot, y.assigned = nil, nil, 0, map[string]bool{}
	return y.l.opts.Script.Visit(y)
}

// OutputSection implements ldscript.CommandVisitor.
func (y *layout) OutputSection(d *ldscript.OutputSection) error {
	if d.Discard {
		return nil // placeByScript has left out what it takes
	}
	return y.layoutSection(y.l.byName[d.Name])
}

// Assignment implements ldscript.CommandVisitor.
func (y *layout) Assignment(a *ldscript.Assignment) error {
	if a.IsDot() {
		dot, err := ldscript.AssignDot(a, y)
		if err == nil && dot != y.dot && dot != 0 && !isAlignment(a) {
			return &ldscript.Error{
				Code: errcode.Addresses, Pos: a.Pos, What: fmt.Sprintf("moves the location counter from %#x to %#x outside of output sections", y.dot, dot),
				Do: "a relocatable object has no addresses: remove it, align output sections, or move the counter inside of one",
			}
		}
		y.dot = dot
		return err
	}
	return y.define(a)
}

// isAlignment reports whether an assignment to the location counter only aligns it.
// Scripts that are written for final links, too, do so between output sections; those
// keep the alignments that they need.
func isAlignment(a *ldscript.Assignment) bool {
	c, ok := a.Value.(*ldscript.Call)
	if !ok || c.Func != ldscript.FuncAlign || a.Op != ldscript.OpNone {
		return false
	}
	_, ofDot := c.Args[0].(*ldscript.Dot)
	return len(c.Args) == 1 || ofDot
}

// Assert implements ldscript.CommandVisitor. A failed one is an error once the
// layout no longer changes.
func (y *layout) Assert(a *ldscript.Assert) error {
	if err := ldscript.CheckAssert(a, y); err != nil {
		y.asserts = append(y.asserts, err)
	}
	return nil
}

// layoutSection lays out an output section that the script describes.
func (y *layout) layoutSection(o *output) error {
	d := o.desc
	oldSize, oldAlign := o.size, o.align
	align, err := y.alignment(d.Align)
	if err != nil {
		return err
	}
	subalign, err := y.alignment(d.SubAlign)
	if err != nil {
		return err
	}
	if d.Addr != nil {
		addr, err := ldscript.EvalAddr(d.Addr, y)
		if err != nil {
			return err
		}
		if addr != 0 {
			return &ldscript.Error{
				Code: errcode.Addresses, Pos: d.Pos, What: fmt.Sprintf("output section %s is placed at address %#x", d.Name, addr),
				Do: "a relocatable object has no addresses: remove it, or use ALIGN",
			}
		}
	}
	o.reset()
	o.align = max(o.align, align)
	in := &inside{y: y, o: o, subalign: subalign}
	if d.Fill != nil {
		in.fill = d.Fill.Bytes
	}
	y.section = o
	if err := d.Visit(in); err != nil {
		return err
	}
	if err := in.add(d.orphans); err != nil {
		return err
	}
	o.finish()
	y.section, y.last, y.dot = nil, o, o.size
	if o.size != oldSize || o.align != oldAlign {
		y.changed = true
	}
	return nil
}

// alignment evaluates the argument of ALIGN or SUBALIGN, 0 for none.
func (y *layout) alignment(e ldscript.Expr) (uint64, error) {
	if e == nil {
		return 0, nil
	}
	n, err := ldscript.EvalAlign(e, y)
	if err == nil && n > elfobj.MaxAlign {
		return 0, &ldscript.Error{Code: errcode.TooFar, Pos: e.Position(), What: fmt.Sprintf("alignment %#x is larger than %#x", n, uint64(elfobj.MaxAlign)), Do: "the largest page is 1 GiB"}
	}
	return n, err
}

// define gives a symbol its value.
func (y *layout) define(a *ldscript.Assignment) error {
	// What the script has defined needs no PROVIDE any more.
	if !y.wanted(a) || a.Kind.Provides() && y.assigned[a.Name] {
		return nil
	}
	y.assigned[a.Name] = true
	if g := y.l.symbolTable.lookup(a.Name); g != nil && g.defined() {
		return &ldscript.Error{
			Code: errcode.DuplicateSymbol, Pos: a.Pos, What: fmt.Sprintf("symbol %q is also defined by %s: %s+%#x", a.Name, g.in.obj.Name, sectionName(g.in, &g.def), g.def.Value),
			Do: "remove one of them, or use PROVIDE",
		}
	}
	v, err := ldscript.AssignSymbol(a, y)
	if err != nil {
		return err
	}
	if _, known := y.values[a.Name]; !known {
		y.order = append(y.order, scriptSymbol{name: a.Name, hidden: a.Kind.Hides(), pos: a.Pos})
	}
	y.values[a.Name] = v
	return nil
}

// symbols lists the script's symbols with their values.
func (y *layout) symbols() []scriptSymbol {
	for i := range y.order {
		y.order[i].value = y.values[y.order[i].name]
	}
	return y.order
}

// defineScriptSymbols makes the script's symbols definitions of their names.
func (l *linker) defineScriptSymbols() error {
	for i := range l.scripts {
		s := &l.scripts[i]
		g := l.symbolTable.intern(s.name)
		g.script, g.binding = s, uint8(elf.STB_GLOBAL)
		if s.hidden {
			g.constrain(elf.STV_HIDDEN)
		}
		if s.value.Kind == ldscript.Relative && l.byName[s.value.Section] == nil {
			return &ldscript.Error{Code: errcode.NoOutputSection, Pos: s.pos, What: "no output section " + s.value.Section}
		}
	}
	return nil
}
