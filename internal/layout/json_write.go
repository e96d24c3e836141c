// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

// WriteJSON writes the layout as JSON, an input section or symbol a line. Bytes
// of names that are not UTF-8 become U+FFFD.
//
// Values are written as they come: a layout may have millions of them, and memory
// is needed for one at a time.
func (l *Layout) WriteJSON(w io.Writer) error {
	p := newJSONWriter(w)
	p.begin("{")
	p.member("\n ", "schema", ": ", l.Schema)
	p.member("\n ", "machine", ": ", l.Machine)
	p.member("\n ", "byte_order", ": ", l.ByteOrder)
	p.member("\n ", "origin", ": ", l.Origin)
	p.list("\n ", "sections")
	for i := range l.Sections {
		p.next("\n  ")
		l.Sections[i].writeJSON(p)
	}
	p.end("\n ]")
	writeList(p, "\n ", "symbols", l.Symbols, "\n  ")
	p.end("\n}\n")
	return p.flush()
}

func (s *Section) writeJSON(p *jsonWriter) {
	p.begin("{")
	p.member("", "name", ":", s.Name)
	p.member("", "type", ":", s.Type)
	p.member("", "flags", ":", s.Flags)
	p.member("", "size", ":", s.Size)
	p.member("", "align", ":", s.Align)
	if s.Entsize != 0 {
		p.member("", "entsize", ":", s.Entsize)
	}
	p.member("", "relocations", ":", s.Relocations)
	writeList(p, "\n  ", "inputs", s.Inputs, "\n   ")
	writeList(p, "\n  ", "symbols", s.Symbols, "\n   ")
	p.end("}")
}

// writeList writes a member that is a list, each element after the given space.
func writeList[T any](p *jsonWriter, space, name string, list []T, before string) {
	p.list(space, name)
	for i := range list {
		p.next(before)
		p.value(&list[i])
	}
	p.end("]")
}

// jsonWriter writes objects and lists part by part, and the values in them by
// encoding/json. After an error it writes nothing more.
type jsonWriter struct {
	w     *bufio.Writer
	text  bytes.Buffer // of one value
	enc   *json.Encoder
	inner bool // something precedes in the same object or list
	err   error
}

func newJSONWriter(w io.Writer) *jsonWriter {
	p := &jsonWriter{w: bufio.NewWriterSize(w, 1<<16)}
	p.enc = json.NewEncoder(&p.text)
	p.enc.SetEscapeHTML(false)
	return p
}

// print writes text as it is.
func (p *jsonWriter) print(text string) {
	if p.err == nil {
		_, p.err = p.w.WriteString(text)
	}
}

// begin starts an object or a list.
func (p *jsonWriter) begin(bracket string) {
	p.print(bracket)
	p.inner = false
}

// end ends an object or a list.
func (p *jsonWriter) end(bracket string) {
	p.print(bracket)
	p.inner = true
}

// next starts the next member or element, after the given space.
func (p *jsonWriter) next(space string) {
	if p.inner {
		p.print(",")
	}
	p.print(space)
	p.inner = true
}

// value writes a value on one line.
func (p *jsonWriter) value(v any) {
	if p.err != nil {
		return
	}
	p.text.Reset()
	if p.err = p.enc.Encode(v); p.err != nil {
		return
	}
	// Encode ends each value with a newline, for streams of values.
	_, p.err = p.w.Write(p.text.Bytes()[:p.text.Len()-len("\n")])
}

// member writes a member of an object.
func (p *jsonWriter) member(space, name, colon string, v any) {
	p.next(space)
	p.print(`"` + name + `"` + colon)
	p.value(v)
}

// list starts a member that is a list.
func (p *jsonWriter) list(space, name string) {
	p.next(space)
	p.print(`"` + name + `": `)
	p.begin("[")
}

// flush ends the output. Errors of the writer are as they are.
func (p *jsonWriter) flush() error {
	if p.err != nil {
		return p.err
	}
	return p.w.Flush()
}
