// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"bytes"
	"path"
	"regexp"
	"strings"
)

// identifier is what names the license. In parts, so that this line is not one.
const identifier = "SPDX-License-Identifier:" + " Apache-2.0"

// generatedHead is how many lines at the start of a file are searched for the line
// that says that it is generated.
const generatedHead = 5

// generated is that line, of hypgen, of kbuild's rules and of Go programs.
var generated = regexp.MustCompile(`(?m)^(// |# )?(Code g|G)enerated\b.*[Dd][Oo] [Nn][Oo][Tt] [Ee][Dd][Ii][Tt]`)

// license returns the line that a file begins with, or "" for a file without
// comments, or that is no source.
func license(f File) string {
	if strings.Contains(f.Path, "testdata/") {
		return ""
	}
	switch extension := path.Ext(f.Path); {
	case IsStarlark(f.Path), isShell(f), extension == ".bazelrc", extension == ".yaml", extension == ".yml", path.Base(f.Path) == ".editorconfig":
		return "# " + identifier
	default:
		return comments[extension]
	}
}

// comments has the line by extension. Assembly and linker scripts that the
// preprocessor reads have C's comments.
var comments = map[string]string{
	".S":    "/* " + identifier + " */",
	".c":    "// " + identifier,
	".cc":   "// " + identifier,
	".css":  "/* " + identifier + " */",
	".go":   "// " + identifier,
	".h":    "/* " + identifier + " */",
	".html": "<!-- " + identifier + " -->",
	".js":   "// " + identifier,
	".lds":  "/* " + identifier + " */",
	".s":    "/* " + identifier + " */",
}

// License finds sources that do not begin with the line that names the license.
// A script has it after its "#!". Test data and generated files need none.
func License(files []File) []Fault {
	var faults []Fault
	for _, file := range files {
		want := license(file)
		if want == "" || isGenerated(file.Text) {
			continue
		}
		text, line := file.Text, 1
		if bytes.HasPrefix(text, []byte("#!")) {
			_, text, _ = bytes.Cut(text, []byte("\n"))
			line = 2
		}
		if first, _, _ := bytes.Cut(text, []byte("\n")); string(first) != want {
			faults = append(faults, Fault{file.Path, line, "no license; insert the line " + want})
		}
	}
	return faults
}

func isGenerated(text []byte) bool {
	lines := bytes.SplitAfterN(text, []byte("\n"), generatedHead+1)
	return generated.Match(bytes.Join(lines[:min(len(lines), generatedHead)], nil))
}

// isSource tells whether a file has the line, unless it is generated.
func isSource(name string) bool { return license(File{Path: name}) != "" }
