// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
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

// regenerateLine is what the list of headers has before the command that makes it again, if the headers are a kernel tree's. It is there since a compile
// does not depend on that list.
const regenerateLine = "# regenerate: "

// splitHeaders separates the headers of a list from the command.
func splitHeaders(lines []string) (headers []string, regenerate string) {
	if len(lines) > 0 {
		if command, ok := strings.CutPrefix(lines[0], regenerateLine); ok {
			return lines[1:], command
		}
	}
	return lines, ""
}

// advise says what to do if a file was missing. headers are the headers of the action, and regenerate is the command that lists those of a kernel
// tree again.
func (m *missingFile) advise(w io.Writer, headers []string, regenerate string) {
	if name := missingName(m.text.Bytes()); name != "" {
		fmt.Fprintf(w, "hypcc: %s\n", errcode.Text(adviceFor(name, headers, regenerate)))
	}
}

// adviceFor returns the error for a file that was not found.
func adviceFor(name string, headers []string, regenerate string) error {
	// What kbuild makes has this directory in all versions.
	generated := strings.HasPrefix(name, "generated/")
	end := "/" + strings.TrimLeft(path.Clean(name), "./")
	for _, h := range headers {
		// In a kernel, the last part of the name alone says nothing: asm/asm-offsets.h is not generated/asm-offsets.h.
		if strings.HasSuffix("/"+h, end) || path.Base(h) == path.Base(name) && regenerate == "" && !generated {
			return errcode.HeaderUnlisted.Errorf("%s: %s is an input of this action, but no include directory leads to it; "+
				"add its directory to includes, or include it by another path", name, h)
		}
	}
	const prepare = "run `make ARCH=arm64 … prepare` in it, with the variables that it was prepared with"
	switch {
	case regenerate != "" && generated:
		return errcode.HeaderUnlisted.Errorf("%s: kbuild makes this header, and the kernel tree does not have it: it is not prepared; %s, or run hypgen again: %s", name, prepare, regenerate)
	case regenerate != "":
		return errcode.HeaderUnlisted.Errorf("%s: not a header that hypgen has listed; run hypgen again: %s (if the kernel tree does not have the file, and kbuild makes it, "+
			"%s; for a file that is not the tree's, add it to hdrs)", name, regenerate, prepare)
	case generated:
		return errcode.HeaderUnlisted.Errorf("%s: not an input of this action; in a kernel tree, %s", name, prepare)
	}
	return errcode.HeaderUnlisted.Errorf("%s: not an input of this action; add the file to hdrs (for .incbin, to additional_compiler_inputs), "+
		"or the target that has it in its hdrs to deps; in a kernel tree, run hypgen again with the command in the head of the BUILD file", name)
}
