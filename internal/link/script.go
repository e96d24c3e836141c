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
	alias  string // the symbol whose type it has, as in `name = alias`
	value  ldscript.Value
	hidden bool
	pos    ldscript.Pos
}

// layout is one run over the script; it is the environment of its expressions.
// In a relocatable object nothing has an address. Expressions about more than one
// output section see those of GNU ld, which run through the sections of the script.
type layout struct {
	l        *linker
	values   map[string]ldscript.Value
	order    []scriptSymbol    // in order of first definition
	aliases  map[string]string // of a symbol that is another one, that
	declared map[string]bool
	// provided are the names that PROVIDE may define.
	provided map[string]bool
	assigned map[string]bool // by this run
	section  *output         // being laid out
	last     *output         // the loaded one before
	visited  int             // sections that the script describes, so far
	dot      uint64
	moved    bool // the location counter was assigned after the section before
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
		return y.section.addr + y.section.size
	}
	return y.dot
}

// DotSection implements ldscript.Env.
func (y *layout) DotSection() string {
	if y.last == nil || y.moved {
		if o := y.next(); o != nil {
			return o.name
		}
	}
	if y.last == nil {
		return ""
	}
	return y.last.name
}

// next returns the loaded output section that the script describes next; nil for none.
func (y *layout) next() *output {
	n := 0
	for _, o := range y.l.outputs {
		if o.desc == nil {
			continue
		}
		if n++; n > y.visited && o.exists() && o.isLoaded() {
			return o
		}
	}
	return nil
}

// exists reports whether a described section takes an input section, or the script puts something else into it.
func (o *output) exists() bool { return o.count > 0 || ownContents(o.desc.OutputSection).any }

// isLoaded reports whether a section is loaded, as is one that only the script makes.
func (o *output) isLoaded() bool { return o.count == 0 || o.flags&elf.SHF_ALLOC != 0 }

// Defined implements ldscript.Env.
func (y *layout) Defined(name string) bool {
	g := y.l.symbolTable.lookup(name)
	return y.assigned[name] || g != nil && g.defined()
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
	if y.provided[name] {
		y.declared[name] = true // the script itself refers to it
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
	return ldscript.SectionInfo{Addr: o.addr, Size: o.size, Align: o.align}, true
}

// declare notes which symbols the script will define.
func (y *layout) declare() {
	for _, a := range y.l.opts.Script.Assignments() {
		if !a.IsDot() && a.Kind.Provides() {
			y.provided[a.Name] = true
		}
		if !a.IsDot() && y.wanted(a) {
			y.declared[a.Name] = true
		}
	}
}

// wanted reports whether an assignment defines its symbol: PROVIDE does so
// only for one that an input refers to, or an expression of the script, and no input
// defines. DEFINED does not refer to it.
func (y *layout) wanted(a *ldscript.Assignment) bool {
	if !a.Kind.Provides() {
		return true
	}
	g := y.l.symbolTable.lookup(a.Name)
	return g != nil && !g.defined() || g == nil && y.declared[a.Name]
}

// run lays everything out once, in the order of the script.
func (y *layout) run() error {
	y.section, y.last, y.visited, y.dot, y.moved, y.assigned = nil, nil, 0, 0, false, map[string]bool{}
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
		y.dot, y.moved = dot, true
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
	y.visited++
	oldAddr, oldSize, oldAlign := o.addr, o.size, o.align
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
		if addr != 0 && !alignsDot(d.Addr) {
			return &ldscript.Error{
				Code: errcode.Addresses, Pos: d.Pos, What: fmt.Sprintf("output section %s is placed at address %#x", d.Name, addr),
				Do: "a relocatable object has no addresses: remove it, or use ALIGN",
			}
		}
		o.addr = addr
	} else {
		// The alignment is that of the run before; the next one has the right address.
		by := max(oldAlign, align, 1)
		o.addr = (y.dot + by - 1) &^ (by - 1)
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
	y.section = nil
	if o.exists() {
		y.dot = o.addr
		// Storage of threads without contents takes no addresses.
		if o.typ != elf.SHT_NOBITS || o.flags&elf.SHF_TLS == 0 {
			y.dot += o.size
		}
		if o.isLoaded() {
			y.last, y.moved = o, false
		}
	}
	if o.addr != oldAddr || o.size != oldSize || o.align != oldAlign {
		y.changed = true
	}
	return nil
}

// alignsDot reports whether the address of an output section is the location counter, as it is or aligned.
func alignsDot(e ldscript.Expr) bool {
	if _, ok := e.(*ldscript.Dot); ok {
		return true
	}
	return isAlignment(&ldscript.Assignment{Value: e})
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
	y.assigned[a.Name] = true
	if _, known := y.values[a.Name]; !known {
		y.order = append(y.order, scriptSymbol{name: a.Name, hidden: a.Kind.Hides(), pos: a.Pos})
	}
	y.values[a.Name] = v
	y.aliases[a.Name] = ""
	if of, ok := a.Value.(*ldscript.Symbol); ok && a.Op == ldscript.OpNone {
		y.aliases[a.Name] = of.Name
	}
	return nil
}

// symbols lists the script's symbols with their values.
func (y *layout) symbols() []scriptSymbol {
	for i := range y.order {
		y.order[i].value, y.order[i].alias = y.values[y.order[i].name], y.aliases[y.order[i].name]
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

// aliasType returns the type of a symbol of the script: that of the symbol of which it is another name. A reference to thread-local storage needs it.
func (l *linker) aliasType(s *scriptSymbol) elf.SymType {
	for range len(l.scripts) + 1 {
		g := l.symbolTable.lookup(s.alias)
		switch {
		case s.alias == "" || g == nil:
			return elf.STT_NOTYPE
		case g.script == nil:
			return g.def.Type()
		}
		s = g.script
	}
	return elf.STT_NOTYPE
}
