package elfobj

import (
	"fmt"
	"strings"
)

// Error says what is wrong with an object, where, and what to do about it.
// It prints as one line: "file: section+0xOFF: what; what to do".
type Error struct {
	File    string // the object, or archive(member)
	Section string // the section, when one is concerned
	Offset  int64  // bytes into Section, or into File without a Section; negative when unknown
	What    string // what is wrong
	Advice  string // what to do about it; may be empty
}

// Error formats e as one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File)
		b.WriteString(": ")
	}
	switch {
	case e.Section != "" && e.Offset >= 0:
		fmt.Fprintf(&b, "%s+%#x: ", e.Section, e.Offset)
	case e.Section != "":
		fmt.Fprintf(&b, "%s: ", e.Section)
	case e.Offset >= 0:
		fmt.Fprintf(&b, "+%#x: ", e.Offset)
	}
	b.WriteString(e.What)
	if e.Advice != "" {
		b.WriteString("; ")
		b.WriteString(e.Advice)
	}
	return b.String()
}

// errorf makes an Error about the file at a byte offset (negative: no offset).
func errorf(file string, offset int64, advice, format string, args ...any) *Error {
	return &Error{File: file, Offset: offset, What: fmt.Sprintf(format, args...), Advice: advice}
}
