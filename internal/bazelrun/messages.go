// SPDX-License-Identifier: Apache-2.0

package bazelrun

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// Bazel's progress: "[12 / 60] Compiling …".
var progressLine = regexp.MustCompile(`^\[([0-9,]+) / ([0-9,]+)\]`)

// progressWriter keeps Bazel's messages and reports its progress.
type progressWriter struct {
	buffer bytes.Buffer
	line   []byte
	report func(done, all int)
}

// maxLine bounds what is kept of a line in search of progress, in bytes.
const maxLine = 4096

func (w *progressWriter) Write(data []byte) (int, error) {
	w.buffer.Write(data)
	if w.report == nil {
		return len(data), nil
	}
	for _, c := range data {
		switch {
		case c == '\n':
			if m := progressLine.FindSubmatch(w.line); m != nil {
				w.report(number(m[1]), number(m[2]))
			}
			w.line = w.line[:0]
		case len(w.line) < maxLine:
			w.line = append(w.line, c)
		}
	}
	return len(data), nil
}

func number(digits []byte) int {
	n, _ := strconv.Atoi(strings.ReplaceAll(string(digits), ",", ""))
	return n
}

// tailLines is how many lines of Bazel's messages explain a failure.
const tailLines = 30

// tail returns the end of Bazel's messages, without its progress.
func tail(output string) string {
	var lines []string
	for line := range strings.Lines(output) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && !strings.HasPrefix(line, "[") && !strings.HasPrefix(line, "Loading:") && !strings.HasPrefix(line, "Analyzing:") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}
