package partial

import (
	"debug/elf"
	"errors"
	"fmt"
	"maps"

	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/tools/hyplink/internal/ldscript"
)

// maxLayouts bounds how often the sections are laid out until the script's
// symbols no longer change. Two suffice unless a symbol depends on one that is
// defined further down.
const maxLayouts = 8

// layoutOutputs gives each piece its offset and evaluates the script's
// assignments. An expression may refer to a section or a symbol further down,
// so the whole is repeated until nothing changes.
func (l *linker) layoutOutputs() error {
	l.reserveChunks()
	env := &layout{l: l, values: map[string]ldscript.Value{}, declared: map[string]bool{}}
	if l.opts.Script != nil {
		env.declare()
		for n := 0; ; n++ {
			env.changed, env.asserts = false, nil
			before := maps.Clone(env.values)
			if err := env.run(); err != nil {
				return err
			}
			// A symbol may be assigned several times: what it is at the end counts.
			env.changed = env.changed || !maps.Equal(env.values, before)
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
		if o.desc != nil {
			continue
		}
		o.reset()
		var fill []byte
		if l.opts.Script == nil && filledWithCode[o.name] {
			fill = l.codeFill()
		}
		for _, p := range o.pieces {
			if err := l.add(o, p, 0, fill); err != nil {
				return err
			}
		}
		o.finish()
	}
	l.dropEmpty()
	return l.defineScriptSymbols()
}

// reserveChunks makes room for the chunks of all pieces in one allocation.
// Padding may need more in single sections.
func (l *linker) reserveChunks() {
	total := 0
	for _, o := range l.outputs {
		total += len(o.pieces)
	}
	room := make([]elfobj.Chunk, total)
	for _, o := range l.outputs {
		n := len(o.pieces)
		o.chunks, room = room[:0:n], room[n:]
	}
}

// filledWithCode names the sections that GNU ld's own script for relocatable
// links pads with instructions; others, .text.unlikely for one, get zeros.
var filledWithCode = map[string]bool{".text": true, ".init": true, ".fini": true}

// codeFill is what goes between pieces of code in a link without a script.
func (l *linker) codeFill() []byte {
	m := l.out.Machine
	if m.ELF == elf.EM_RISCV && l.out.Flags&1 == 0 { // EF_RISCV_RVC
		return []byte{0x13, 0, 0, 0} // NOP of full length
	}
	return m.CodeFill
}

// reset forgets the offsets of an earlier layout.
func (o *output) reset() {
	o.size, o.chunks = 0, o.chunks[:0]
	o.align, o.relaxed = 1, false
}

// add appends a piece to an output section at its alignment.
func (l *linker) add(o *output, p *piece, subalign uint64, fill []byte) error {
	align := p.placement()
	if subalign != 0 {
		align = subalign
	}
	// SUBALIGN moves the pieces; that the whole is aligned for each of them
	// stays (GNU ld too).
	o.align = max(o.align, align, p.align())
	at := (o.size + align - 1) &^ (align - 1)
	if pad := l.relaxPad(o, p, align); pad > 0 {
		at, fill = o.size+pad, l.codeFill()
	}
	if at < o.size || at+p.size() < at {
		return p.errorAt(-1, "the file is damaged: build it again", "output section %s grows beyond 64 bits", o.name)
	}
	o.pad(at, fill)
	p.offset = at
	o.size = at + p.size()
	if p.size() > 0 {
		o.chunks = append(o.chunks, elfobj.Chunk{Offset: at, Size: p.size(), Data: p.data(), Input: p.input()})
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

// dropEmpty leaves out described sections that got no input and hold no
// assignment, fill or data of the script, as GNU ld does.
func (l *linker) dropEmpty() {
	kept := l.outputs[:0]
	for _, o := range l.outputs {
		if len(o.pieces) > 0 || o.desc != nil && hasStatements(o.desc) {
			kept = append(kept, o)
		}
	}
	l.outputs = kept
}

func hasStatements(d *ldscript.OutputSection) bool {
	for _, st := range d.Contents {
		switch st.(type) {
		case *ldscript.Assignment, *ldscript.Data, *ldscript.Fill:
			return true
		}
	}
	return false
}
