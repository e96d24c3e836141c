package layout

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// WriteJSON writes the layout as JSON, an input section or symbol a line. Bytes
// of names that are not UTF-8 become U+FFFD.
func (l *Layout) WriteJSON(w io.Writer) error {
	p := &jsonPrinter{w: bufio.NewWriterSize(w, 1<<16)}
	p.enc = json.NewEncoder(&p.buf)
	p.enc.SetEscapeHTML(false)
	fmt.Fprintf(p.w, "{\n \"schema\": %d,\n \"machine\": %s,\n \"byte_order\": %s,\n \"origin\": %s,\n \"sections\": [",
		l.Schema, p.text(l.Machine), p.text(l.ByteOrder), p.text(l.Origin))
	for i := range l.Sections {
		s := &l.Sections[i]
		p.separate(i, " ")
		// The lists are taken out and written below, an element a line.
		head := *s
		head.Inputs, head.Symbols = nil, nil
		text := bytes.TrimSuffix(p.text(&head), []byte(`,"inputs":null,"symbols":null}`))
		p.w.Write(text)
		fmt.Fprint(p.w, ",\n  \"inputs\": [")
		writeList(p, s.Inputs, "  ")
		fmt.Fprint(p.w, "],\n  \"symbols\": [")
		writeList(p, s.Symbols, "  ")
		fmt.Fprint(p.w, "]}")
	}
	fmt.Fprint(p.w, "\n ],\n \"symbols\": [")
	writeList(p, l.Symbols, " ")
	fmt.Fprint(p.w, "]\n}\n")
	return p.w.Flush()
}

// jsonPrinter writes values of one line each.
type jsonPrinter struct {
	w   *bufio.Writer
	buf bytes.Buffer
	enc *json.Encoder
}

// text is the value on one line. It is valid until the next call.
func (p *jsonPrinter) text(v any) []byte {
	p.buf.Reset()
	// Strings and structs of strings and numbers always have a JSON form.
	_ = p.enc.Encode(v)
	return bytes.TrimSuffix(bytes.Clone(p.buf.Bytes()), []byte("\n"))
}

func (p *jsonPrinter) separate(i int, indent string) {
	if i > 0 {
		p.w.WriteByte(',')
	}
	p.w.WriteByte('\n')
	p.w.WriteString(indent)
	p.w.WriteByte(' ')
}

func writeList[T any](p *jsonPrinter, list []T, indent string) {
	for i := range list {
		p.separate(i, indent)
		p.buf.Reset()
		_ = p.enc.Encode(&list[i])
		p.w.Write(bytes.TrimSuffix(p.buf.Bytes(), []byte("\n")))
	}
}

// Read reads what WriteJSON wrote. The name is for messages.
func Read(name string, data []byte) (*Layout, error) {
	l := &Layout{}
	if err := json.Unmarshal(data, l); err != nil {
		var syntax *json.SyntaxError
		var typ *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax):
			return nil, mapError(name, data, syntax.Offset-1, syntax.Error()) // the offset is behind the byte
		case errors.As(err, &typ):
			return nil, mapError(name, data, typ.Offset, fmt.Sprintf("%s is a %s", typ.Field, typ.Value))
		}
		return nil, mapError(name, data, 0, err.Error())
	}
	if l.Schema != Schema {
		return nil, mapError(name, data, 0, fmt.Sprintf("schema is %d, want %d", l.Schema, Schema))
	}
	for i := range l.Sections {
		s := &l.Sections[i]
		end := uint64(0)
		for _, in := range s.Inputs {
			if in.Offset < end || in.Offset > s.Size || in.Size > s.Size-in.Offset {
				return nil, &elfobj.Error{File: name, Section: s.Name, Offset: int64(in.Offset & (1<<63 - 1)),
					What: fmt.Sprintf("input section of %d bytes overlaps another or leaves its section of %d bytes", in.Size, s.Size), Advice: badMap}
			}
			end = in.Offset + in.Size
		}
	}
	return l, nil
}

const badMap = "give the file that 'hyplink link --map' wrote"

func mapError(name string, data []byte, offset int64, what string) error {
	before := data[:min(max(offset, 0), int64(len(data)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	col := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Errorf("%s:%d:%d: not a map: %s; %s", name, line, col, what, badMap)
}

// ReadFile reads a map from a file.
func ReadFile(path string) (*Layout, error) {
	text, err := fileio.ReadText(path, "the map that 'hyplink link --map' wrote")
	if err != nil {
		return nil, err
	}
	return Read(path, text)
}
