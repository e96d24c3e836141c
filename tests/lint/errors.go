// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	codesDir   = "internal/errcode"
	pagesDir   = "docs/errors"
	errorsFile = "tests/lint/errors_table.go"
)

var errorCode = regexp.MustCompile(`^E[1-9][0-9]{3}$`)

// Errors finds errors of the programs that are made without a code, and failures
// of Starlark whose text has none. Each code is declared once, is used, and has
// an entry in docs/errors with cause and cure; each entry is of a code.
func Errors(files []File) []Fault {
	w := &errorWalk{
		declared: map[string]declaredCode{}, entries: map[string]Fault{}, used: map[string]bool{},
		types: map[string]errorType{}, exempt: map[string]bool{}, open: map[string][]Fault{}, dirs: map[string]bool{},
	}
	w.parse(files)
	w.findCodes()
	w.findTypes()
	for _, f := range w.parsed {
		if path.Dir(f.path) != codesDir {
			w.checkFile(f)
		}
	}
	for _, file := range Select(files, isRuleCode) {
		w.checkStarlark(file)
	}
	for _, file := range Select(files, isErrorPage) {
		w.readPage(file)
	}
	w.compare()
	w.checkTables()
	return w.faults
}

func isErrorSource(name string) bool {
	return isErrorCode(name) || isRuleCode(name) || isErrorPage(name)
}

// isErrorCode tells whether a file is Go code of a program.
func isErrorCode(name string) bool {
	dir, internal := strings.CutPrefix(path.Dir(name), "internal/")
	return isGoCode(name) && !strings.HasSuffix(name, "_test.go") &&
		(internal && !slices.Contains(testPackages, dir) || isProgram(name))
}

// isProgram tells whether a file is below a directory with programs.
func isProgram(name string) bool {
	return slices.ContainsFunc([]string{"kernels/", "toolchain/", "tools/"}, func(dir string) bool { return strings.HasPrefix(name, dir) })
}

func isErrorPage(name string) bool {
	return path.Dir(name) == pagesDir && isMarkdown(name) && path.Base(name) != "README.md"
}

// errorWalk is what is known of the errors of the repository.
type errorWalk struct {
	parsed   []parsedFile
	declared map[string]declaredCode // by the name of the constant
	entries  map[string]Fault        // where each code's entry is
	used     map[string]bool         // names of constants, and codes of Starlark
	types    map[string]errorType    // by directory.Name
	exempt   map[string]bool         // sentinels that were found
	open     map[string][]Fault      // of packages whose errors reach no user
	dirs     map[string]bool         // that have code
	starlark []Fault                 // calls of fail, with their codes
	faults   []Fault
}

type parsedFile struct {
	path string
	set  *token.FileSet
	file *ast.File
}

type declaredCode struct {
	code  string
	place Fault // without What
}

// add adds a fault, unless it is in a package whose errors reach no user.
func (w *errorWalk) add(file string, line int, format string, args ...any) {
	fault := Fault{file, line, fmt.Sprintf(format, args...)}
	if dir := path.Dir(file); internalErrors[dir] != "" {
		w.open[dir] = append(w.open[dir], fault)
		return
	}
	w.faults = append(w.faults, fault)
}

func (w *errorWalk) parse(files []File) {
	for _, file := range Select(files, isErrorCode) {
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, "", file.Text, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			w.add(file.Path, 0, "%v", err)
			continue
		}
		w.dirs[path.Dir(file.Path)] = true
		w.parsed = append(w.parsed, parsedFile{file.Path, set, parsed})
	}
	for _, file := range Select(files, isRuleCode) {
		w.dirs[path.Dir(file.Path)] = true
	}
}

// findCodes reads the constants of internal/errcode.
func (w *errorWalk) findCodes() {
	first := map[string]string{} // the name of each code
	for _, f := range w.parsed {
		if path.Dir(f.path) != codesDir {
			continue
		}
		for _, declaration := range f.file.Decls {
			d, ok := declaration.(*ast.GenDecl)
			if !ok || d.Tok != token.CONST {
				continue
			}
			for _, spec := range d.Specs {
				s := spec.(*ast.ValueSpec)
				line := f.set.Position(s.Pos()).Line
				if t, ok := s.Type.(*ast.Ident); !ok || t.Name != "Code" || len(s.Names) != 1 || len(s.Values) != 1 {
					continue
				}
				name, code := s.Names[0].Name, literal(s.Values[0])
				switch {
				case !errorCode.MatchString(code):
					w.add(f.path, line, "%s is %q, which is no code; write E and four digits", name, code)
				case code[1] == '9':
					w.add(f.path, line, "%s is %s; codes of area 9 are those of Starlark", name, code)
				case first[code] != "":
					w.add(f.path, line, "%s is also the code of %s; take the next one that is free", code, first[code])
				case !strings.HasPrefix(s.Doc.Text(), name+" "):
					w.add(f.path, line, "%s has no comment that starts with its name; say what kind of error it is", name)
				}
				if first[code] == "" {
					first[code] = name
				}
				if errorCode.MatchString(code) && code[1] != '9' {
					w.declared[name] = declaredCode{code, Fault{Path: f.path, Line: line}}
				}
			}
		}
	}
}

// literal returns the text of a string literal; "" for other expressions.
func literal(e ast.Expr) string {
	if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
		s, _ := strconv.Unquote(l.Value)
		return s
	}
	return ""
}

// compare finds codes without an entry or a use, and entries without a code.
func (w *errorWalk) compare() {
	known := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(w.declared)) {
		d := w.declared[name]
		known[d.code] = true
		if _, ok := w.entries[d.code]; !ok {
			w.add(d.place.Path, d.place.Line, "%s (%s) is not in %s; add an entry with its cause and cure", d.code, name, pagesDir)
		}
		if !w.used[name] {
			w.add(d.place.Path, d.place.Line, "%s (%s) is not used; remove it, and note in %s/README.md that it was", d.code, name, pagesDir)
		}
	}
	for _, call := range w.starlark {
		if _, ok := w.entries[call.What]; !ok {
			w.add(call.Path, call.Line, "%s is not in %s; add an entry with its cause and cure", call.What, pagesDir)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(w.entries)) {
		if place := w.entries[code]; !known[code] && !w.used[code] {
			w.add(place.Path, place.Line, "no error has the code %s; remove the entry", code)
		}
	}
}

// checkTables finds lines of the tables that are no longer needed.
func (w *errorWalk) checkTables() {
	for _, dir := range slices.Sorted(maps.Keys(internalErrors)) {
		if w.dirs[dir] && len(w.open[dir]) == 0 {
			w.add(errorsFile, 0, "all errors of %s have codes; remove it from internalErrors", dir)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sentinels)) {
		if w.dirs[path.Dir(name)+"/"+strings.Split(path.Base(name), ".")[0]] && !w.exempt[name] {
			w.add(errorsFile, 0, "there is no %s; remove it from sentinels", name)
		}
	}
}
