// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// checkInputs fails if the compile read a file that is not an input of the action. Bazel does not know of such a file: a change would rebuild nothing,
// and the object would go to other machines through a shared cache.
func checkInputs(w *workspace, o *options, read *filesRead) error {
	for _, f := range o.responseFiles {
		if !w.hasInput(f) {
			return errcode.UnlistedInput.Errorf("%s: got @%s, which is not an input of this action, so that a change would rebuild nothing; "+
				"declare the file in hdrs, and name it by a path relative to the execution root", o.source, f)
		}
	}
	for _, f := range read.preprocessor {
		if !w.hasInput(f) {
			return errcode.UnlistedInput.Errorf("%s: the preprocessor read %s, which is not an input of this action, so that a change would rebuild nothing; "+
				"declare the file in hdrs, and include it by a relative path; the directory of the compiler's own headers goes in the toolchain's "+
				"cxx_builtin_include_directories", locate(o.source, f, read.preprocessor), f)
		}
	}
	for _, f := range read.assembler {
		if !w.hasInput(f) && !onlyNamed(f, o.source, read) {
			return errcode.UnlistedInput.Errorf("%s: the assembler read %s, which is not an input of this action, so that a change would rebuild nothing; "+
				"declare the file in additional_compiler_inputs (for .include, in hdrs), and name it by a path relative to the execution root",
				locate(o.source, f, append([]string{o.source}, append(read.preprocessor, read.assembler...)...)), f)
		}
	}
	return nil
}

// workspace is the working directory: the execution root, which has the inputs of the action.
type workspace struct {
	// roots are the names of the working directory.
	roots []string
	// system are absolute directories outside, which the toolchain declares.
	system []string
}

func newWorkspace(system []string) (*workspace, error) {
	// Not os.Getwd, which uses $PWD: Bazel sets it to /proc/self/cwd.
	dir, err := syscall.Getwd()
	if err != nil {
		return nil, err
	}
	w := &workspace{roots: []string{dir, "/proc/self/cwd"}}
	for _, d := range system {
		if !path.IsAbs(d) {
			d = path.Join(dir, d)
		}
		w.system = append(w.system, path.Clean(d))
	}
	return w, nil
}

// relative returns a path in the working directory without the name of that, and others cleaned.
func (w *workspace) relative(name string) string {
	name = path.Clean(name)
	for _, root := range w.roots {
		if rest, ok := cutDirectory(name, root); ok {
			return rest
		}
	}
	return name
}

// relativeAll returns relative of all names.
func (w *workspace) relativeAll(names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = w.relative(name)
	}
	return all
}

// hasInput reports whether a file that the compiler read is an input. In a sandbox, all files of the working directory are.
func (w *workspace) hasInput(name string) bool {
	name = w.relative(name)
	if !path.IsAbs(name) {
		rest, outside := strings.CutPrefix(name, "../")
		// With --experimental_sibling_repository_layout, other repositories are next to the working directory.
		if !outside || !strings.HasPrefix(rest, "../") && strings.Contains(rest, "/") {
			return true
		}
		name = path.Join(w.roots[0], name)
	}
	if name == os.DevNull {
		return true
	}
	for _, dir := range w.system {
		if _, ok := cutDirectory(name, dir); ok {
			return true
		}
	}
	return resolvedInput(name)
}

// cutDirectory returns the path of a file relative to a directory, if it is in it.
func cutDirectory(name, dir string) (string, bool) {
	return strings.CutPrefix(name, strings.TrimSuffix(dir, "/")+"/")
}

// resolvedInput reports whether an absolute path is that of an input whose symbolic links were resolved: an input with the same end of its path is
// the same file. Inputs in a sandbox are links to their places in the output base or in a content store.
func resolvedInput(name string) bool {
	info, err := os.Stat(name)
	if err != nil {
		return false
	}
	for rest := strings.TrimPrefix(name, "/"); ; {
		for _, candidate := range []string{rest, "../" + rest} {
			if candidate != rest && !strings.Contains(rest, "/") {
				continue
			}
			if other, err := os.Stat(candidate); err == nil && os.SameFile(info, other) {
				return true
			}
		}
		var found bool
		if _, rest, found = strings.Cut(rest, "/"); !found {
			return false
		}
	}
}

// onlyNamed reports whether a file in the assembler's list is only the operand of a `.file` directive, which the assembler lists, but does not read.
func onlyNamed(name, source string, read *filesRead) bool {
	named := false
	for _, f := range append([]string{source}, read.assembler...) {
		text, err := os.ReadFile(f)
		if err != nil || !isSourceText(text) {
			continue
		}
		for _, d := range directives(f, string(text)) {
			switch {
			case d.name == ".file" && path.Clean(d.file) == name:
				named = true
			case d.name != ".file" && (d.file == "" || filepath.Base(d.file) == path.Base(name)):
				return false
			}
		}
	}
	return named
}

// isSourceText reports whether a file is text; `.incbin` may read anything.
func isSourceText(text []byte) bool {
	return !strings.Contains(string(text[:min(len(text), 4096)]), "\x00")
}

// locate returns the line that names a file, as FILE:LINE, or the source if none of the files does.
func locate(source, name string, files []string) string {
	for _, part := range []string{name, path.Base(name)} {
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil || path.IsAbs(f) || !isSourceText(text) {
				continue
			}
			for i, line := range strings.Split(string(text), "\n") {
				if strings.Contains(line, part) && strings.Contains(strings.ToLower(line), "inc") {
					return f + ":" + strconv.Itoa(i+1)
				}
			}
		}
	}
	return source
}
