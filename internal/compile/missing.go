// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"regexp"
)

// missingFile passes a compiler's messages on and remembers their start, to say what to do about a file that is not there.
type missingFile struct {
	to   io.Writer
	text bytes.Buffer
}

// maxRemembered is how much of the messages is kept. A compiler stops at the first file that is missing.
const maxRemembered = 64 << 10

// Write passes text on.
func (m *missingFile) Write(text []byte) (int, error) {
	m.text.Write(text[:min(len(text), maxRemembered-m.text.Len())])
	return m.to.Write(text)
}

// noSuchFile are the messages of gcc, clang, GNU's assembler and clang's about a missing file. Compilers run in the C locale.
var noSuchFile = []*regexp.Regexp{
	regexp.MustCompile(`(?m)fatal error: (.+): No such file or directory$`),
	regexp.MustCompile(`(?m)fatal error: '(.+)' file not found$`),
	regexp.MustCompile(`(?m)Error: file not found: (.+)$`),
	regexp.MustCompile(`(?m)Error: can't open (.+) for reading: No such file or directory$`),
	regexp.MustCompile(`(?m)error: Could not find (?:incbin|include) file '(.+)'$`),
}

// missingName returns the name of the file that a compiler did not find, as it is in the source; empty if its messages say nothing of that.
func missingName(messages []byte) string {
	for _, pattern := range noSuchFile {
		if match := pattern.FindSubmatch(messages); match != nil {
			return string(match[1])
		}
	}
	return ""
}

// advise says what to do if a file was missing. headers are the headers of the action.
func (m *missingFile) advise(w io.Writer, headers []string) {
	name := missingName(m.text.Bytes())
	if name == "" {
		return
	}
	for _, h := range headers {
		if path.Base(h) == path.Base(name) {
			fmt.Fprintf(w, "hypcc: %s: %s is an input of this action, but no include directory leads to it; "+
				"add its directory to includes, or include it by another path\n", name, h)
			return
		}
	}
	fmt.Fprintf(w, "hypcc: %s: not an input of this action; add the file to hdrs (for .incbin, to additional_compiler_inputs), "+
		"or the target that has it in its hdrs to deps; in a kernel tree, run hypgen again\n", name)
}
