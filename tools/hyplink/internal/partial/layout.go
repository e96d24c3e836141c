package partial

import (
	"debug/elf"
	"errors"
	"fmt"
	"math/bits"

	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/ldscript"
)

// scriptSymbol is a symbol that the linker script defines.
type scriptSymbol struct {
	name   string
	value  ldscript.Value
	hidden bool
	pos    ldscript.Pos
}

// maxLayouts bounds how often the sections are laid out until the script's
// symbols no longer change. Two suffice unless a symbol depends on one that is
// defined further down.
const maxLayouts = 8

// layoutOutputs gives each piece its offset and evaluates the script's
// assignments. An expression may refer to a section or a symbol further down,
// so the whole is repeated until nothing changes.
func (l *linker) layoutOutputs() error {
	env := &layout{l: l, values: map[string]ldscript.Value{}, declared: map[string]bool{}}
	if l.opts.Script != nil {
		env.declare()
		for n := 0; ; n++ {
			env.changed, env.asserts = false, nil
			if err := env.run(); err != nil {
				return err
			}
			if !env.changed && n > 0 {
				break
			}
			if n == maxLayouts {
				return fmt.Errorf("%s: the script's symbols change with each layout; remove the circular definition", l.opts.Script.Name)
			}
		}
		if err := errors.Join(env.asserts...); err != nil {
			return err
		}
		l.scripts = env.symbols()
	}
	for _, o := range l.outputs {
		if o.described {
			continue
		}
		o.reset()
		for _, p := range o.pieces {
			if err := o.add(p, 0, nil); err != nil {
				return err
			}
		}
		o.finish()
	}
	l.dropEmpty(env)
	return l.defineScriptSymbols()
}

// reset forgets the offsets of an earlier layout.
func (o *output) reset() {
	o.size, o.chunks, o.fill = 0, o.chunks[:0], nil
	o.align = 1
}

// add appends a piece at its alignment.
func (o *output) add(p *piece, subalign uint64, fill []byte) error {
	align := p.align
	if subalign != 0 {
		align = subalign
	}
	o.align = max(o.align, align)
	if subalign == 0 && p.sec.Name == frameSection {
		// Packed by cutFrames, but the first record is aligned as it was.
		o.align = max(o.align, p.sec.Addralign)
	}
	at := (o.size + align - 1) &^ (align - 1)
	if at < o.size || at+p.size < at {
		return p.errorAt(-1, "the file is damaged: build it again", "output section %s grows beyond 64 bits", o.name)
	}
	if p.sec.Flags&elf.SHF_EXECINSTR != 0 && fill == nil {
		fill = p.in.obj.Machine.CodeFill
	}
	o.pad(at, fill)
	p.offset = at
	o.size = at + p.size
	if p.size > 0 {
		o.chunks = append(o.chunks, elfobj.Chunk{Offset: at, Size: p.size, Data: p.data,
			Source: elfobj.Source{File: p.in.obj.Name, Section: p.sec.Name}})
	}
	return nil
}

// pad moves the end of the section to an offset.
func (o *output) pad(to uint64, fill []byte) {
	if len(fill) > 0 && to > o.size && o.typ != elf.SHT_NOBITS {
		o.chunks = append(o.chunks, elfobj.Chunk{Offset: o.size, Size: to - o.size, Data: repeatable(fill, to-o.size)})
	}
	o.size = to
}

// repeatable cuts a fill pattern that is longer than what it fills.
func repeatable(fill []byte, size uint64) []byte {
	if uint64(len(fill)) > size {
		return fill[:size]
	}
	return fill
}

// finish ends a section.
func (o *output) finish() {
	if o.terminated {
		o.chunks = append(o.chunks, elfobj.Chunk{Offset: o.size, Size: 4, Data: make([]byte, 4)})
		o.size += 4
	}
}

// layout is one run over the script; it is the environment of its expressions.
// Addresses are zero: in a relocatable object nothing has one, and `.` inside
// an output section counts from the section's start.
type layout struct {
	l        *linker
	values   map[string]ldscript.Value
	order    []scriptSymbol // in order of first definition
	declared map[string]bool
	kept     map[*output]bool // has symbols or data of the script
	section  *output          // being laid out
	last     *output          // the one before
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
	if n, ok := y.l.names[name]; ok && y.l.globals[n].defined() {
		g := &y.l.globals[n]
		switch {
		case g.def.Section == elfobj.Absolute:
			return ldscript.Abs(g.def.Value), true
		case g.def.Section > 0:
			if p := &g.in.pieces[g.def.Section]; p.out != nil {
				return ldscript.Rel(p.out.name, p.offset+g.def.Value), true
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
	note := func(a *ldscript.Assignment) {
		if !a.IsDot() && y.wanted(a) {
			y.declared[a.Name] = true
		}
	}
	for _, cmd := range y.l.opts.Script.Commands {
		switch c := cmd.(type) {
		case *ldscript.Assignment:
			note(c)
		case *ldscript.Sections:
			for _, sc := range c.Commands {
				switch s := sc.(type) {
				case *ldscript.Assignment:
					note(s)
				case *ldscript.OutputSection:
					for _, st := range s.Contents {
						if a, ok := st.(*ldscript.Assignment); ok {
							note(a)
						}
					}
				}
			}
		}
	}
}

// wanted reports whether an assignment defines its symbol: PROVIDE does so
// only for one that an input refers to and none defines.
func (y *layout) wanted(a *ldscript.Assignment) bool {
	if !a.Kind.Provides() {
		return true
	}
	n, ok := y.l.names[a.Name]
	return ok && !y.l.globals[n].defined()
}

// run lays everything out once, in the order of the script.
func (y *layout) run() error {
	y.section, y.last, y.dot = nil, nil, 0
	y.kept = map[*output]bool{}
	started := map[*output]int{}
	for _, cmd := range y.l.opts.Script.Commands {
		switch c := cmd.(type) {
		case *ldscript.Assignment:
			if err := y.assign(c); err != nil {
				return err
			}
		case *ldscript.Assert:
			y.assert(c)
		case *ldscript.Sections:
			for _, sc := range c.Commands {
				var err error
				switch s := sc.(type) {
				case *ldscript.Assignment:
					err = y.assign(s)
				case *ldscript.Assert:
					y.assert(s)
				case *ldscript.OutputSection:
					if !s.Discard {
						o := y.l.byName[s.Name]
						err = y.layoutPart(o, &o.parts[started[o]], started[o] == 0)
						started[o]++
					}
				}
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (y *layout) assert(a *ldscript.Assert) {
	if err := ldscript.CheckAssert(a, y); err != nil {
		y.asserts = append(y.asserts, err)
	}
}

// layoutPart lays out one description of an output section.
func (y *layout) layoutPart(o *output, pt *part, first bool) error {
	d := pt.desc
	oldSize, oldAlign := o.size, o.align
	align, err := y.number(d.Align)
	if err != nil {
		return err
	}
	subalign, err := y.number(d.SubAlign)
	if err != nil {
		return err
	}
	if d.Addr != nil {
		addr, err := ldscript.EvalAddr(d.Addr, y)
		if err != nil {
			return err
		}
		if addr != 0 {
			return &ldscript.Error{Pos: d.Pos, What: fmt.Sprintf("output section %s is placed at address %#x", d.Name, addr),
				Do: "a relocatable object has no addresses: remove it, or use ALIGN"}
		}
	}
	if first {
		o.reset()
	}
	o.align = max(o.align, align)
	var fill []byte
	if d.Fill != nil {
		fill = d.Fill.Bytes
	}
	y.section = o
	for _, st := range d.Contents {
		switch s := st.(type) {
		case *ldscript.InputSpec:
			for _, p := range pt.pieces[s] {
				if err := o.add(p, subalign, fill); err != nil {
					return err
				}
			}
		case *ldscript.Assignment:
			err = y.assignInside(o, s, fill)
		case *ldscript.Data:
			err = y.data(o, s)
		case *ldscript.Fill:
			fill = s.Value.Bytes
		case *ldscript.Assert:
			y.assert(s)
		}
		if err != nil {
			return err
		}
	}
	y.section, y.last, y.dot = nil, o, o.size
	if o.size != oldSize || o.align != oldAlign {
		y.changed = true
	}
	if started := pt == &o.parts[len(o.parts)-1]; started {
		o.finish()
	}
	return nil
}

// number evaluates an alignment, 0 for none.
func (y *layout) number(e ldscript.Expr) (uint64, error) {
	if e == nil {
		return 0, nil
	}
	n, err := ldscript.EvalAddr(e, y)
	if err != nil {
		return 0, err
	}
	if bits.OnesCount64(n) > 1 || n > maxAlign {
		return 0, &ldscript.Error{Pos: e.Position(), What: fmt.Sprintf("alignment %#x is not a power of two up to %#x", n, uint64(maxAlign)), Do: "use 1, 2, 4, 8, …"}
	}
	return n, nil
}

// maxAlign is the largest alignment that a script may ask for, in bytes.
const maxAlign = 1 << 30

// assign does an assignment outside of output sections.
func (y *layout) assign(a *ldscript.Assignment) error {
	if a.IsDot() {
		dot, err := ldscript.AssignDot(a, y)
		y.dot = dot
		return err
	}
	return y.define(a)
}

// assignInside does an assignment inside an output section.
func (y *layout) assignInside(o *output, a *ldscript.Assignment, fill []byte) error {
	if !a.IsDot() {
		if y.wanted(a) {
			y.kept[o] = true
		}
		return y.define(a)
	}
	dot, err := ldscript.AssignDot(a, y)
	if err != nil {
		return err
	}
	if dot-o.size > maxAlign && o.typ != elf.SHT_NOBITS {
		return &ldscript.Error{Pos: a.Pos, What: fmt.Sprintf("moves the location counter by %#x bytes", dot-o.size), Do: "the largest step is 1 GiB"}
	}
	o.pad(dot, fill)
	return nil
}

// define gives a symbol its value.
func (y *layout) define(a *ldscript.Assignment) error {
	if !y.wanted(a) {
		return nil
	}
	if n, ok := y.l.names[a.Name]; ok && y.l.globals[n].defined() {
		g := &y.l.globals[n]
		return &ldscript.Error{Pos: a.Pos, What: fmt.Sprintf("symbol %q is also defined by %s: %s+%#x", a.Name, g.in.obj.Name, sectionName(g.in, &g.def), g.def.Value),
			Do: "remove one of them, or use PROVIDE"}
	}
	v, err := ldscript.AssignSymbol(a, y)
	if err != nil {
		return err
	}
	old, known := y.values[a.Name]
	if !known {
		y.order = append(y.order, scriptSymbol{name: a.Name, hidden: a.Kind.Hides(), pos: a.Pos})
	}
	if !known || old != v {
		y.changed = true
	}
	y.values[a.Name] = v
	return nil
}

// data appends BYTE, SHORT, LONG or QUAD.
func (y *layout) data(o *output, d *ldscript.Data) error {
	v, err := ldscript.Eval(d.Value, y)
	if err != nil {
		return err
	}
	if v.Kind == ldscript.Relative {
		return &ldscript.Error{Pos: d.Pos, What: "the value is a place in section " + v.Section + ", which has no address yet",
			Do: "use a number, or SIZEOF, ALIGNOF or a difference of symbols"}
	}
	if o.typ == elf.SHT_NOBITS {
		return &ldscript.Error{Pos: d.Pos, What: "data in a section without contents", Do: "put it into a section that has contents"}
	}
	b := make([]byte, 8)
	if y.l.out.BigEndian {
		for i := range d.Size {
			b[d.Size-1-i] = byte(v.N >> (8 * i))
		}
	} else {
		for i := range d.Size {
			b[i] = byte(v.N >> (8 * i))
		}
	}
	o.chunks = append(o.chunks, elfobj.Chunk{Offset: o.size, Size: uint64(d.Size), Data: b[:d.Size]})
	o.size += uint64(d.Size)
	y.kept[o] = true
	return nil
}

// symbols lists the script's symbols with their values.
func (y *layout) symbols() []scriptSymbol {
	for i := range y.order {
		y.order[i].value = y.values[y.order[i].name]
	}
	return y.order
}

// dropEmpty leaves out described sections that got neither input nor symbol
// nor data, as GNU ld does.
func (l *linker) dropEmpty(y *layout) {
	kept := l.outputs[:0]
	for _, o := range l.outputs {
		if len(o.pieces) > 0 || y.kept[o] {
			kept = append(kept, o)
		}
	}
	l.outputs = kept
}

// defineScriptSymbols makes the script's symbols definitions of their names.
func (l *linker) defineScriptSymbols() error {
	for i := range l.scripts {
		s := &l.scripts[i]
		n, ok := l.names[s.name]
		if !ok {
			n = uint32(len(l.globals))
			l.globals = append(l.globals, global{name: s.name})
			l.names[s.name] = n
		}
		g := &l.globals[n]
		g.script, g.binding = s, elf.STB_GLOBAL
		if s.hidden {
			g.vis = strictest(g.vis, elf.STV_HIDDEN)
		}
		if s.value.Kind == ldscript.Relative && l.byName[s.value.Section] == nil {
			return &ldscript.Error{Pos: s.pos, What: "no output section " + s.value.Section}
		}
	}
	return nil
}
