// SPDX-License-Identifier: Apache-2.0

package rebuild

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/rules-hyp/rules_hyp/internal/archive"
	"github.com/rules-hyp/rules_hyp/internal/compare"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/linediff"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// Limits of what is shown.
const (
	maxFiles  = 20      // of a finding
	maxLines  = 40      // of a file
	maxWidth  = 200     // of a line, in bytes
	maxMember = 1 << 16 // members of an archive
)

// FileDifference is how an output differs.
type FileDifference struct {
	Path string `json:"path"`
	// Type is what the contents are: "ELF object", "archive", "text" or "binary"; "absent"
	// if one build does not have the file.
	Type  string   `json:"type"`
	Lines []string `json:"lines"`
}

// describeFile tells how two versions of an output differ.
func describeFile(name string, a []byte, errA error, b []byte, errB error) FileDifference {
	if errA != nil || errB != nil {
		which := "the first build"
		if errA == nil {
			which = "the varied build"
		}
		return FileDifference{name, "absent", []string{which + " has no such file"}}
	}
	kind, lines := describe(name, a, b)
	if more := len(lines) - maxLines; more > 0 {
		lines = append(lines[:maxLines], fmt.Sprintf("… %d more lines", more))
	}
	for i := range lines {
		if len(lines[i]) > maxWidth {
			lines[i] = strings.ToValidUTF8(lines[i][:maxWidth], "") + " …"
		}
		lines[i] = textline.Escape(lines[i])
	}
	return FileDifference{name, kind, lines}
}

// describe tells what two different contents are, and how they differ.
func describe(name string, a, b []byte) (kind string, lines []string) {
	switch {
	case archive.Is(a) && archive.Is(b):
		if lines, err := describeArchive(name, a, b); err == nil {
			return "archive", lines
		}
	case isELF(a) && isELF(b):
		if lines, err := describeELF(name, a, b); err == nil {
			return "ELF object", lines
		}
	case isText(a) && isText(b):
		return "text", describeText(a, b)
	}
	return "binary", describeBytes(a, b)
}

func isELF(data []byte) bool { return bytes.HasPrefix(data, []byte("\x7fELF")) }

func isText(data []byte) bool { return utf8.Valid(data) && !bytes.Contains(data, []byte{0}) }

// describeELF compares objects: sections, functions, sources, instructions.
func describeELF(name string, a, b []byte) ([]string, error) {
	var out bytes.Buffer
	err := elfobj.Guard(name, func() error {
		before, err := elfobj.Parse(name, a)
		if err != nil {
			return err
		}
		after, err := elfobj.Parse(name, b)
		if err != nil {
			return err
		}
		r, err := compare.Run(before, after, compare.Options{Strict: true})
		if err != nil {
			return err
		}
		r.A, r.B = "first build", "varied build"
		r.WriteText(textline.NewWriter(&out), maxLines)
		return nil
	})
	return splitLines(out.Bytes()), err
}

func splitLines(data []byte) []string {
	if len(data) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// describeText shows the lines that differ.
func describeText(a, b []byte) []string {
	var lines []string
	for _, h := range linediff.Diff(splitLines(a), splitLines(b)) {
		lines = append(lines, fmt.Sprintf("line %d:", h.A+1))
		for _, line := range h.Removed {
			lines = append(lines, "- "+line)
		}
		for _, line := range h.Added {
			lines = append(lines, "+ "+line)
		}
	}
	if lines == nil {
		lines = []string{"only the newline at the end differs"}
	}
	return lines
}

// Offsets in the header of an archive member (ar(5)): the name is before them, and the
// contents after them.
var memberFields = []struct {
	name     string
	from, to int
}{{"date", 16, 28}, {"owner", 28, 34}, {"group", 34, 40}, {"mode", 40, 48}}

// describeArchive compares the members, their headers and their order.
func describeArchive(name string, a, b []byte) ([]string, error) {
	before, err := members(name, a)
	if err != nil {
		return nil, err
	}
	after, err := members(name, b)
	if err != nil {
		return nil, err
	}
	var lines []string
	names := func(list []archive.Member) []string {
		out := make([]string, len(list))
		for i := range list {
			out[i] = list[i].Name
		}
		return out
	}
	for _, h := range linediff.Diff(names(before), names(after)) {
		lines = append(lines, fmt.Sprintf("members from number %d on:", h.A+1))
		for _, m := range h.Removed {
			lines = append(lines, "- "+m)
		}
		for _, m := range h.Added {
			lines = append(lines, "+ "+m)
		}
	}
	byName := map[string]archive.Member{}
	for _, m := range after {
		byName[m.Name] = m
	}
	for _, m := range before {
		n, ok := byName[m.Name]
		if !ok {
			continue
		}
		for _, f := range memberFields {
			x, y := field(a, m.Offset, f.from, f.to), field(b, n.Offset, f.from, f.to)
			if x != y {
				lines = append(lines, fmt.Sprintf("member %s: %s %s -> %s", m.Name, f.name, x, y))
			}
		}
		if !bytes.Equal(m.Data, n.Data) {
			kind, inner := describe(path.Base(m.Name), m.Data, n.Data)
			lines = append(lines, fmt.Sprintf("member %s: %s", m.Name, kind))
			for _, line := range inner {
				lines = append(lines, "  "+line)
			}
		}
	}
	if lines == nil {
		lines = describeBytes(a, b)
	}
	return lines, nil
}

// errMembers ends reading an archive with too many members to compare one by one.
var errMembers = errors.New("too many members")

func members(name string, data []byte) ([]archive.Member, error) {
	var list []archive.Member
	err := archive.Members(name, data, func(m archive.Member) error {
		if list = append(list, m); len(list) > maxMember {
			return errMembers
		}
		return nil
	})
	return list, err
}

// field returns a field of a member's header.
func field(data []byte, header int64, from, to int) string {
	if header < 0 || header+int64(to) > int64(len(data)) {
		return ""
	}
	return strings.TrimSpace(string(data[header+int64(from) : header+int64(to)]))
}

// describeBytes shows the first places that differ, with what is around them.
func describeBytes(a, b []byte) []string {
	const places, around = 4, 24
	var lines []string
	if len(a) != len(b) {
		lines = append(lines, fmt.Sprintf("size %d -> %d bytes", len(a), len(b)))
	}
	count, end := 0, 0
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			continue
		}
		if count++; count > places && len(lines) > 3*places || i < end {
			continue
		}
		from := max(i-around/2, 0)
		end = from + around
		lines = append(lines, fmt.Sprintf("+%#x:", i), "- "+window(a, from, end), "+ "+window(b, from, end))
	}
	if count > 0 {
		lines = append(lines, fmt.Sprintf("%d of %d bytes differ", count, min(len(a), len(b))))
	}
	return lines
}

// window formats bytes as hexadecimal and as text.
func window(data []byte, from, to int) string {
	part := data[from:min(to, len(data))]
	text := bytes.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '.'
		}
		return r
	}, part)
	return fmt.Sprintf("% x  %s", part, text)
}
