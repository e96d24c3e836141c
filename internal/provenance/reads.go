// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"path"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/depfile"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// adviceLists says how Bazel keeps the lists of headers.
const adviceLists = "build with --aspects=@rules_hyp//rules:defs.bzl%hyp_provenance_aspect --output_groups=+hyp_unused"

// unread returns the inputs that a compile did not read, by the list that hypcc wrote
// from the compiler's dependency file.
func (w *walk) unread(a *Action, list string) (map[string]bool, error) {
	text, err := w.build.Contents(list)
	if err != nil {
		return nil, errcode.ReadsUnknown.Errorf("%w; it says which headers %s did not read: %s", err, a.Outputs[0], adviceLists)
	}
	names := map[string]string{}
	for _, in := range a.Inputs {
		names[mapped(in)] = in
	}
	skip := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		skip[line] = true
		if in, ok := names[mapped(line)]; ok {
			skip[in] = true
		}
	}
	return skip, nil
}

// dependencyFile returns the output of a compile that the compiler lists the files in that
// it read; or "".
func dependencyFile(a *Action) string {
	for i, word := range a.Command {
		name, ok := strings.CutPrefix(word, "-MF")
		if ok && name == "" && i+1 < len(a.Command) {
			name = a.Command[i+1]
		}
		if out := outputAt(a, name); ok && slices.Contains(a.Outputs, out) {
			return out
		}
	}
	return ""
}

// unlisted returns the headers among a compile's inputs that its dependency file does not
// have. A file that it has, and that is no input, is an error: the statement would not say
// that it was read.
func (w *walk) unlisted(a *Action, list string) (map[string]bool, error) {
	text, err := w.build.Contents(list)
	if err != nil {
		return nil, errcode.ReadsUnknown.Errorf("%w; it says which headers %s read: %s", err, a.Outputs[0], adviceLists)
	}
	files, err := depfile.Parse(text)
	if err != nil {
		return nil, errcode.ReadsUnknown.Errorf("%s: %w", list, err)
	}
	skip, names := map[string]bool{}, map[string]string{}
	for _, in := range a.Inputs {
		names[mapped(path.Clean(in))] = in
		// Only headers: other files are read in ways that no compiler lists.
		if kindOf(in) == KindHeader {
			skip[in] = true
		}
	}
	for _, file := range files {
		in, ok := names[mapped(file)]
		if !ok && path.IsAbs(file) {
			// The compiler may write the path that a link leads to.
			in, ok = inputAt(names, file)
		}
		if !ok {
			return nil, errcode.ReadsUnknown.Errorf("%s: %s read %s, which is no input of the action: nothing in the build says what it is; use a compiler whose headers are files of the build", list, a.Outputs[0], file)
		}
		delete(skip, in)
	}
	return skip, nil
}

// inputAt returns the input at an absolute path, such as one that a link leads to: below
// the working directory, the execution root, or the directory of external repositories.
func inputAt(names map[string]string, file string) (string, bool) {
	rest, ok := strings.CutPrefix(file, "/proc/self/cwd/")
	if i := strings.LastIndex(file, "/execroot/"); !ok && i >= 0 {
		_, rest, ok = strings.Cut(file[i+len("/execroot/"):], "/")
	}
	if i := strings.Index(file, "/external/"); !ok && i >= 0 {
		rest, ok = file[i+1:], true
	}
	in, known := names[mapped(rest)]
	return in, ok && known
}
