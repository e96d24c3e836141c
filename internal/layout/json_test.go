// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// fill gives every field of a value another value that is not zero, and each
// list two elements.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.String:
		v.SetString(strings.Repeat("<&>\"\\\u2028é", *n%3) + string(rune('a'+*n%26)))
	case reflect.Int:
		v.SetInt(int64(*n))
	case reflect.Uint64:
		v.SetUint(uint64(*n))
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic("no value for a " + v.Kind().String())
	}
}

// TestWriteEveryField writes a layout in which no field is zero. Members are in
// the order of the fields, as encoding/json has them.
func TestWriteEveryField(t *testing.T) {
	var l Layout
	n := 0
	fill(reflect.ValueOf(&l).Elem(), &n)
	var b bytes.Buffer
	if err := l.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got Layout
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	if !reflect.DeepEqual(got, l) {
		t.Errorf("what was written and read again differs:\n%+v\n%+v", got, l)
	}
	var compact, want bytes.Buffer
	if err := json.Compact(&compact, b.Bytes()); err != nil {
		t.Fatal(err)
	}
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(&l); err != nil {
		t.Fatal(err)
	}
	if got := compact.String() + "\n"; got != want.String() {
		t.Errorf("but for white space, got\n%s\nwant\n%s", got, want.String())
	}
}

// failingWriter takes so many bytes.
type failingWriter int

var errFull = errors.New("no space left")

func (w *failingWriter) Write(p []byte) (int, error) {
	if len(p) > int(*w) {
		n := int(*w)
		*w = 0
		return n, errFull
	}
	*w -= failingWriter(len(p))
	return len(p), nil
}

// large is a layout of so many symbols.
func large(symbols int) *Layout {
	l := &Layout{Schema: Schema, Sections: []Section{{Name: ".text", Symbols: make([]Symbol, symbols)}}, Symbols: []Symbol{}}
	for i := range l.Sections[0].Symbols {
		l.Sections[0].Symbols[i] = Symbol{Name: "a_name_of_some_length", Offset: uint64(i), Type: "FUNC", Binding: "LOCAL", Visibility: "DEFAULT", File: "switch.hyp.o"}
	}
	return l
}

// TestWriteErrors has the writer fail after each number of bytes.
func TestWriteErrors(t *testing.T) {
	l := large(2000)
	var b bytes.Buffer
	if err := l.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < b.Len(); n += 1 + b.Len()/50 {
		w := failingWriter(n)
		if err := l.WriteJSON(&w); !errors.Is(err, errFull) {
			t.Errorf("a writer that takes %d bytes of %d gave %v", n, b.Len(), err)
		}
	}
	w := failingWriter(b.Len())
	if err := l.WriteJSON(&w); err != nil {
		t.Error(err)
	}
}

// TestWriteMemory holds that memory is for one element, not for the output.
func TestWriteMemory(t *testing.T) {
	l := large(100_000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := l.WriteJSON(io.Discard); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("allocated %d bytes for 100,000 symbols", used)
	}
}
