// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
)

// outputRoot begins the paths of all outputs.
const outputRoot = "bazel-out/"

// isTool reports whether a file was made for an execution platform: it is a program
// that the build runs. Bazel names such configurations CPU-MODE-exec, with a suffix.
func isTool(name string) bool {
	rest, ok := strings.CutPrefix(name, outputRoot)
	if !ok {
		return false
	}
	configuration, _, _ := strings.Cut(rest, "/")
	return strings.Contains(configuration+"-", "-exec-")
}

// repositoryOf returns the canonical name of an external file's repository, or "".
func repositoryOf(name string) string {
	if rest, ok := strings.CutPrefix(name, outputRoot); ok {
		parts := strings.SplitN(rest, "/", 3)
		if len(parts) < 3 {
			return ""
		}
		name = parts[2]
	}
	rest, ok := strings.CutPrefix(name, "external/")
	if !ok {
		return ""
	}
	repository, _, _ := strings.Cut(rest, "/")
	return repository
}

// OutputName is a path without the directory of its configuration:
// bazel-out/CONFIGURATION/bin/NAME becomes NAME.
func OutputName(name string) string {
	if rest, ok := strings.CutPrefix(name, outputRoot); ok {
		if parts := strings.SplitN(rest, "/", 3); len(parts) == 3 {
			return parts[2]
		}
	}
	return name
}

// mapped is a path as an action with mapped paths sees it.
func mapped(name string) string {
	if rest, ok := strings.CutPrefix(name, outputRoot); ok {
		if _, after, ok := strings.Cut(rest, "/"); ok {
			return outputRoot + "cfg/" + after
		}
	}
	return name
}

// inRunfiles reports whether a file is one of a program's runfiles tree: the program and
// its files are inputs under their own names, too. Bazel 7 lists a middleman artifact for
// a tree among the inputs, of which there is no file.
func inRunfiles(name string) bool {
	return strings.Contains(name, "/internal/_middlemen/") || strings.Contains(name, ".runfiles/") || strings.HasSuffix(name, ".runfiles") || strings.HasSuffix(name, ".repo_mapping")
}

// isParameters reports whether an input is a list of the headers that hypcc may read: a
// parameter file of a compile, or a file of a kernel tree. The headers that it read are
// listed instead.
func isParameters(name string, a *Action) bool {
	if !strings.HasSuffix(name, ".params") && !strings.HasSuffix(name, "/headers.list") {
		return false
	}
	return slices.Contains(a.Command, headersOption+name) || slices.Contains(a.Command, headersOption+mapped(name))
}

// Options of hypcc.
const (
	unusedOption  = "--unused="
	headersOption = "--headers="
)

// compilerCommand returns the compiler's command of an action that runs hypcc, and the
// file that the headers which were not read are in. Other commands are returned as they
// are.
func compilerCommand(a *Action) (compiler []string, unused string) {
	command := a.Command
	end := slices.Index(command, "--")
	if len(command) == 0 || path.Base(command[0]) != "hypcc" || end < 0 {
		return command, ""
	}
	for _, word := range command[1:end] {
		// The command has the path as the action sees it.
		if f, ok := strings.CutPrefix(word, unusedOption); ok {
			unused = outputAt(a, f)
		}
	}
	return command[end+1:], unused
}

// DirHash is in-toto's dirHash of files: the SHA-256 of what sha256sum prints for them,
// sorted by name.
func DirHash(files []File) string {
	files = slices.Clone(files)
	slices.SortFunc(files, compareFiles)
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s  %s\n", f.SHA256, f.Name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// outputAt returns the output at a path that a command has, which Bazel may have mapped; or
// the path, if there is none.
func outputAt(a *Action, name string) string {
	for _, out := range a.Outputs {
		if mapped(out) == mapped(name) {
			return out
		}
	}
	return name
}
