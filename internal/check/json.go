// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"encoding/json"
	"io"
)

// WriteJSON writes the report as indented JSON. Findings, of which there can be
// very many, are written one by one.
func (r *Report) WriteJSON(w io.Writer) error {
	j := &jsonWriter{w: w, encoders: map[string]*json.Encoder{}}
	j.text("{\n")
	j.member("schema", r.Schema, ",\n")
	j.member("object", r.Object, ",\n")
	j.member("passed", r.Passed, ",\n")
	writeList(j, "findings", r.Findings, ",\n")
	writeList(j, "suppressed", r.Suppressed, ",\n")
	writeList(j, "unused_suppressions", r.Unused, "\n")
	j.text("}\n")
	return j.err
}

// jsonWriter writes the parts of a JSON text. It keeps the first error.
type jsonWriter struct {
	w   io.Writer
	buf bytes.Buffer
	// encoders are by indent: each keeps the memory that it needs.
	encoders map[string]*json.Encoder
	err      error
}

func (j *jsonWriter) text(s string) {
	if j.err == nil {
		_, j.err = io.WriteString(j.w, s)
	}
}

// value writes a value whose lines after the first begin with an indent.
func (j *jsonWriter) value(v any, indent string) {
	e := j.encoders[indent]
	if e == nil {
		e = json.NewEncoder(&j.buf)
		e.SetEscapeHTML(false)
		e.SetIndent(indent, "  ")
		j.encoders[indent] = e
	}
	j.buf.Reset()
	if err := e.Encode(v); j.err == nil {
		j.err = err
	}
	if j.err == nil {
		_, j.err = j.w.Write(bytes.TrimSuffix(j.buf.Bytes(), []byte("\n")))
	}
}

// member writes a member of the report.
func (j *jsonWriter) member(name string, v any, end string) {
	j.text(`  "` + name + `": `)
	j.value(v, "  ")
	j.text(end)
}

// writeList writes a member that is a list.
func writeList[T any](j *jsonWriter, name string, list []T, end string) {
	j.text(`  "` + name + `": [`)
	for i := range list {
		if i > 0 {
			j.text(",")
		}
		j.text("\n    ")
		j.value(&list[i], "    ")
	}
	if len(list) > 0 {
		j.text("\n  ")
	}
	j.text("]" + end)
}
