package layout

import (
	"bufio"
	"fmt"
	"io"
)

// WriteText writes the layout as text: a paragraph per section, which lists
// input sections and symbols by offset. Numbers are hexadecimal and in bytes.
func (l *Layout) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s, %s-endian; %s\n", l.Machine, l.ByteOrder, originText[l.Origin])
	for i := range l.Sections {
		s := &l.Sections[i]
		fmt.Fprintf(b, "\n%s  %s %s, %#x bytes, align %#x", s.Name, s.Type, s.Flags, s.Size, s.Align)
		if s.Entsize > 0 {
			fmt.Fprintf(b, ", entries of %#x", s.Entsize)
		}
		if s.Relocations > 0 {
			fmt.Fprintf(b, ", %d relocations", s.Relocations)
		}
		b.WriteByte('\n')
		writePlaces(b, s)
	}
	if len(l.Symbols) > 0 {
		b.WriteString("\nnot in a section\n")
	}
	for i := range l.Symbols {
		s := &l.Symbols[i]
		fmt.Fprintf(b, "    %s %#10x %#8x  %s\n", s.Section, s.Offset, s.Size, s.describe(true))
	}
	return b.Flush()
}

var originText = map[string]string{
	FromLink: "inputs of the link",
	FromMap:  "inputs from the link map",
	FromFile: "sources from STT_FILE symbols, input sections unknown (the link writes them with --map)",
	FromNone: "no STT_FILE symbols, inputs unknown (the link writes them with --map)",
}

// writePlaces writes the input sections, each followed by its symbols.
func writePlaces(b *bufio.Writer, s *Section) {
	symbols := s.Symbols
	upTo := func(end uint64, last bool, withFile bool) {
		for len(symbols) > 0 && (last || symbols[0].Offset < end) {
			sym := &symbols[0]
			fmt.Fprintf(b, "    %#10x %#8x  %s\n", sym.Offset, sym.Size, sym.describe(withFile))
			symbols = symbols[1:]
		}
	}
	for i := range s.Inputs {
		in := &s.Inputs[i]
		upTo(in.Offset, false, true)
		fmt.Fprintf(b, "  %#10x %#8x  %s(%s)\n", in.Offset, in.Size, in.File, in.Section)
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
