// SPDX-License-Identifier: Apache-2.0

// Package picture writes pages that show an object, or how two differ, in a
// browser.
//
// A page is one file that needs no network: style, script and data are in it, and
// its Content-Security-Policy permits nothing else. The script is the one whose
// hash the policy names, so that no name of an object can become code, whatever
// bytes it has. Names are escaped as in messages (internal/textline): what does not
// print, directional overrides too, is shown as an escape.
//
// The data is JSON, made for the script of the same version: it is no interface.
// Tables are lists of columns, which are half the size of lists of objects.
package picture

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	_ "embed" // for the assets
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"path"
	"strconv"

	"github.com/rules-hyp/rules_hyp/internal/textline"
)

//go:embed assets/common.css
var commonStyle string

//go:embed assets/common.js
var commonScript string

// kind is a kind of page.
type kind struct {
	style, script, body string
}

// write writes a page. data writes the value that the script reads.
func (k *kind) write(w io.Writer, title string, data func(*dataWriter)) error {
	out := bufio.NewWriterSize(w, 1<<16)
	style, script := commonStyle+k.style, commonScript+k.script
	policy := "default-src 'none'; script-src '" + hash(script) + "'; style-src '" + hash(style) + "'; base-uri 'none'; form-action 'none'"
	for _, part := range []string{
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
		"<meta http-equiv=\"Content-Security-Policy\" content=\"", policy, "\">\n",
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n",
		"<title>", html.EscapeString(textline.Escape(title)), "</title>\n<style>", style, "</style>\n</head>\n<body>\n",
		k.body, "<script type=\"application/json\" id=\"data\">",
	} {
		out.WriteString(part)
	}
	d := &dataWriter{w: out}
	data(d)
	if d.err != nil {
		return d.err
	}
	out.WriteString("</script>\n<script>" + script + "</script>\n</body>\n</html>\n")
	return out.Flush()
}

// hash returns the source expression of a text for a policy.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// dataWriter writes JSON as the text of a script element. encoding/json escapes the
// characters that could end that, "<" and ">"; what the writer itself writes has
// none. bufio.Writer remembers the first error of the output.
type dataWriter struct {
	w     *bufio.Writer
	buf   []byte
	inner bool // something precedes in the same object or list
	err   error
}

// open begins an object or a list, as a member unless the name is "".
func (d *dataWriter) open(name, bracket string) {
	d.comma()
	if name != "" {
		d.w.WriteString(`"` + name + `":`)
	}
	d.w.WriteString(bracket)
	d.inner = false
}

func (d *dataWriter) close(bracket string) {
	d.w.WriteString(bracket)
	d.inner = true
}

func (d *dataWriter) comma() {
	if d.inner {
		d.w.WriteByte(',')
	}
	d.inner = true
}

// value writes a member of any type. Its strings must be escaped.
func (d *dataWriter) value(name string, v any) {
	d.comma()
	if name != "" {
		d.w.WriteString(`"` + name + `":`)
	}
	b, err := json.Marshal(v)
	if err != nil && d.err == nil {
		d.err = err
	}
	d.w.Write(b)
}

// text writes a member that is a string from a file.
func (d *dataWriter) text(name, s string) { d.value(name, textline.Escape(s)) }

// number writes an element of a list. Numbers that a script cannot hold exactly
// are strings.
func (d *dataWriter) number(n uint64) {
	d.comma()
	d.buf = d.buf[:0]
	if n <= maxExact {
		d.w.Write(strconv.AppendUint(d.buf, n, 10))
		return
	}
	d.w.WriteByte('"')
	d.w.Write(strconv.AppendUint(d.buf, n, 10))
	d.w.WriteByte('"')
}

// maxExact is the largest integer up to which JavaScript has all.
const maxExact = 1<<53 - 1

// column writes a member that is a list of n numbers.
func (d *dataWriter) column(name string, n int, at func(i int) uint64) {
	d.open(name, "[")
	for i := range n {
		d.number(at(i))
	}
	d.close("]")
}

// texts writes a member that is a list of n strings from a file.
func (d *dataWriter) texts(name string, n int, at func(i int) string) {
	d.open(name, "[")
	for i := range n {
		d.text("", at(i))
	}
	d.close("]")
}

// table numbers strings in the order in which they are first seen.
type table struct {
	index map[string]int
	list  []string
}

// of returns the number of a string, from 1; 0 is the number of "".
func (t *table) of(s string) uint64 {
	if s == "" {
		return 0
	}
	n, ok := t.index[s]
	if !ok {
		if t.index == nil {
			t.index = map[string]int{}
		}
		t.list = append(t.list, s)
		n = len(t.list)
		t.index[s] = n
	}
	return uint64(n)
}

// base returns the name of a file without its directory, for a title.
func base(name string) string { return path.Base(name) }

// inline returns an asset that is HTML without the white space around it.
func inline(text string) string { return string(bytes.TrimSpace([]byte(text))) + "\n" }
