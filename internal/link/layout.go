// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"errors"
	"maps"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/arena"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// maxLayouts bounds how often the sections are laid out until the script's
// symbols no longer change. Two suffice unless a symbol depends on one that is
// defined further down.
const maxLayouts = 8

// layoutOutputs gives each input section its offset and evaluates the script's
// assignments. An expression may refer to a section or a symbol further down,
// so the whole is repeated until nothing changes.
func (l *linker) layoutOutputs() error {
	// First, since the script may ask for their sizes; they need nothing of it.
	if err := l.layoutOrphans(); err != nil {
		return err
	}
	env := &layout{l: l, values: map[string]ldscript.Value{}, aliases: map[string]string{}, declared: map[string]bool{}, provided: map[string]bool{}}
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
				return errcode.Circular.Errorf("%s: the script's symbols change with each layout; remove the circular definition", l.opts.Script.Name)
			}
		}
		if err := errors.Join(env.asserts...); err != nil {
			return err
		}
		l.scripts = env.symbols()
	}
	l.dropEmpty()
	return l.defineScriptSymbols()
}

// layoutOrphans lays out the sections that the script does not describe, in
// input order: each input section is appended to its output section. Each
// processor does a share of the output sections.
func (l *linker) layoutOrphans() error {
	sections := make([]int, workers(len(l.inputs))) // of each share
	var chunks arena.Arena[elfobj.Chunk]
	for _, o := range l.outputs {
		if o.desc == nil {
			o.chunks = chunks.Take(int(o.count))
			o.reset()
			share := slices.Index(sections, slices.Min(sections))
			sections[share] += int(o.count)
			o.share = int16(share)
		}
	}
	var fill []byte
	if l.opts.Script == nil && l.out.Machine.Nops() == nil {
		fill = l.codeFill()
	}
	errs := make([][]numberedError, len(sections))
	_ = parallel.Run(len(sections), func(share int) error {
		n := uint32(0)
		l.eachOrphan(func(isec *inputSection) {
			n++
			if o := isec.out; int(o.share) == share {
				var pad []byte
				if fill != nil && filledWithCode[o.name] {
					pad = fill
				}
				if err := l.add(o, isec, 0, pad); err != nil {
					errs[share] = append(errs[share], numberedError{n, err})
				}
			}
		})
		return nil
	})
	return joinInOrder(errs)
}

// filledWithCode names the sections that GNU ld's own script for relocatable
// links pads with instructions; others, .text.unlikely for one, get zeros. On machines
// with no-op instructions of several sizes (x86-64) the script has no fill pattern, and
// all code is padded alike, see padCode.
var filledWithCode = map[string]bool{".text": true, ".init": true, ".fini": true}

// codeFill pads code in a link without a script.
func (l *linker) codeFill() []byte { return l.out.Machine.CodeFill(l.out.Flags) }

// reset forgets the offsets of an earlier layout.
func (o *output) reset() {
	if o.chunks == nil {
		o.chunks = make([]elfobj.Chunk, 0, o.count)
	}
	o.size, o.chunks, o.laid, o.framed, o.ended = 0, o.chunks[:0], 0, 0, false
	o.align, o.relaxed = 1, false
}

// maxSection is how large input sections may make an output section, in bytes.
// It leaves room for what a script adds, which has no overflow check of its own.
const maxSection = 1 << 62

// add appends an input section to an output section, at its alignment.
func (l *linker) add(o *output, isec *inputSection, subalign uint64, fill []byte) error {
	align := isec.placement()
	if subalign != 0 && isec.isFrames() {
		o.align = max(o.align, subalign)
	} else if subalign != 0 {
		// SUBALIGN replaces the alignment of input sections, also in what they ask
		// of the output section.
		align = subalign
		o.align = max(o.align, align)
	} else {
		o.align = max(o.align, align, isec.align())
	}
	at := (o.size + align - 1) &^ (align - 1)
	pad := l.relaxPad(o, isec, align)
	if pad > 0 {
		at = o.size + pad
	}
	if at < o.size || at+isec.size() < at || at+isec.size() > maxSection {
		return isec.errorAt(errcode.DamagedSection, -1, elfobj.Damaged, "output section %s grows beyond 2^62 bytes", o.name)
	}
	if isec.isFrames() && o.framed > 0 && at != o.frameEnd {
		return isec.errorAt(errcode.FrameGap, -1, "name all of .eh_frame in one place of the script, without data or assignments to . between",
			"the script leaves %d bytes before these frames in output section %s: readers take a gap for the end of all frames", at-o.frameEnd, o.name)
	}
	if pad > 0 {
		o.append(l.alignPad(pad))
	} else {
		o.pad(at, fill)
	}
	isec.offset = at
	o.size = at + isec.size()
	o.laid++
	// Relocations of an empty section are wrong, which the writer finds.
	if isec.size() > 0 || len(isec.sec.Relocs) > 0 {
		o.chunks = append(o.chunks, elfobj.Chunk{Offset: at, Section: isec.sec})
	}
	if isec.isFrames() {
		o.frameEnd = o.size
		if o.framed++; o.framed == o.frames {
			o.endFrames()
		}
	}
	return nil
}

// endFrames puts the terminator after the frames. What follows in the output section would else be read as one of them.
func (o *output) endFrames() {
	if o.terminated && !o.ended {
		o.terminator = o.size
		o.append(&elfobj.Section{Type: elf.SHT_PROGBITS, Size: 4})
		o.ended = true
	}
}

// append puts bytes that the linker made at the end of the section.
func (o *output) append(s *elfobj.Section) {
	o.chunks = append(o.chunks, elfobj.Chunk{Offset: o.size, Section: s})
	o.size += s.Size
}

// padding is bytes between input sections.
type padding struct {
	size uint64
	fill *byte // the first of the pattern's
}

// pad moves the end of the section to an offset.
func (o *output) pad(to uint64, fill []byte) {
	if to > o.size && len(fill) == 0 && o.flags&elf.SHF_EXECINSTR != 0 && o.first != nil && o.typ != elf.SHT_NOBITS {
		o.padCode(to)
		return
	}
	if len(fill) == 0 || to <= o.size || o.typ == elf.SHT_NOBITS {
		o.size = to
		return
	}
	k := padding{to - o.size, &fill[0]}
	s := o.pads[k]
	if s == nil {
		s = &elfobj.Section{Type: elf.SHT_PROGBITS, Size: k.size, Data: repeatable(fill, k.size)}
		if o.pads == nil {
			o.pads = map[padding]*elfobj.Section{}
		}
		o.pads[k] = s
	}
	o.append(s)
}

// padCode pads code for which there is no fill pattern, with the longest no-op
// instructions first.
func (o *output) padCode(to uint64) {
	if nops := o.first.in.obj.Machine.Nops(); nops != nil {
		longest := uint64(len(nops))
		if n := to - o.size; n >= longest {
			o.pad(o.size+n/longest*longest, nops[longest-1])
		}
		if n := to - o.size; n > 0 {
			o.pad(to, nops[n-1])
		}
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

// dropEmpty leaves out described sections that got no input and hold no
// assignment, fill or data of the script, as GNU ld does, unless a symbol of the script
// is in them, as with `x = ADDR(.empty)`.
func (l *linker) dropEmpty() {
	named := map[string]bool{}
	for i := range l.scripts {
		if v := &l.scripts[i].value; v.Kind == ldscript.Relative {
			named[v.Section] = true
		}
	}
	kept := l.outputs[:0]
	for _, o := range l.outputs {
		if o.count > 0 || o.desc != nil && (o.exists() || named[o.name]) {
			kept = append(kept, o)
		}
	}
	l.outputs = kept
}
