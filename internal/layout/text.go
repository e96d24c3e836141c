// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// WriteText writes the layout as text: a paragraph per section, which lists
// input sections and symbols by offset. Numbers are hexadecimal and in bytes.
func (l *Layout) WriteText(w *textline.Writer) {
	w.Linef("%s, %s-endian; %s", l.Machine, l.ByteOrder, originText[l.Origin])
	for i := range l.Sections {
		s := &l.Sections[i]
		more := ""
		if s.Entsize > 0 {
			more = fmt.Sprintf(", entries of %#x", s.Entsize)
		}
		if s.Relocations > 0 {
			more += fmt.Sprintf(", %d relocations", s.Relocations)
		}
		w.Line("")
		w.Linef("%s  %s %s, %#x bytes, align %#x%s", s.Name, s.Type, s.Flags, s.Size, s.Align, more)
		writePlaces(w, s)
	}
	if len(l.Symbols) > 0 {
		w.Line("")
		w.Line("not in a section")
	}
	for i := range l.Symbols {
		s := &l.Symbols[i]
		w.Linef("    %s %#10x %#8x  %s", s.Section, s.Offset, s.Size, s.describe(true))
	}
}

var originText = map[string]string{
	FromLink: "inputs of the link",
	FromMap:  "inputs from the link map",
	FromFile: "sources from STT_FILE symbols, input sections unknown (the link writes them with --map)",
	FromNone: "no STT_FILE symbols, inputs unknown (the link writes them with --map)",
}

// writePlaces writes the input sections, each followed by its symbols.
func writePlaces(w *textline.Writer, s *Section) {
	symbols := s.Symbols
	upTo := func(end uint64, last bool, withFile bool) {
		for len(symbols) > 0 && (last || symbols[0].Offset < end) {
			sym := &symbols[0]
			w.Linef("    %#10x %#8x  %s", sym.Offset, sym.Size, sym.describe(withFile))
			symbols = symbols[1:]
		}
	}
	for i := range s.Inputs {
		in := &s.Inputs[i]
		upTo(in.Offset, false, true)
		w.Linef("  %#10x %#8x  %s(%s)", in.Offset, in.Size, in.File, in.Section)
		upTo(in.Offset+in.Size, i == len(s.Inputs)-1 && in.Offset+in.Size == s.Size, false)
	}
	upTo(0, true, true)
}

func (s *Symbol) describe(withFile bool) string {
	text := s.Binding + " " + s.Type
	if s.Visibility != "DEFAULT" {
		text += " " + s.Visibility
	}
	text += " " + s.Name
	switch {
	case s.Script:
		text += "  (linker script)"
	case withFile && s.File != "":
		text += "  (" + s.File + ")"
	}
	return text
}
