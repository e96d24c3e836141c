package lint

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"testing"
)

// row is a line of the table of bugs in docs/linker.md: what it is, and the
// package and the name of its test.
var row = regexp.MustCompile("(?m)^\\| (.+) \\| .+ \\| `([a-z]+): ([^`]+)` \\|$")

// Each bug of docs/linker.md has the test that the document names: a function,
// a case of one (Function/name_of_the_case), or a golden file, whose name may
// be cut by "…".
func TestBugsAreTested(t *testing.T) {
	const document, internal = "docs/linker.md", "internal/"
	files := Files(t, func(path string) bool {
		return path == document || strings.HasPrefix(path, internal) && (strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/testdata/"))
	})
	var text string
	for _, f := range files {
		if f.Path == document {
			_, text, _ = strings.Cut(string(f.Text), "## Bugs that others had\n")
		}
	}
	rows := row.FindAllStringSubmatch(text, -1)
	if lines := strings.Count(text, "\n| ") - 1; len(rows) != lines || lines < 10 {
		t.Fatalf("%s: %d of the %d bugs name a test", document, len(rows), lines)
	}
	for _, r := range rows {
		bug, folder, name := r[1], internal+r[2], r[3]
		function, subtest, _ := strings.Cut(name, "/")
		found := false
		for _, f := range files {
			switch {
			case path.Dir(f.Path) == folder && strings.HasPrefix(name, "Test"):
				found = found || bytes.Contains(f.Text, []byte("func "+function+"(")) && bytes.Contains(f.Text, []byte(`"`+strings.ReplaceAll(subtest, "_", " ")))
			case path.Dir(f.Path) == folder+"/testdata":
				golden := strings.TrimSuffix(path.Base(f.Path), ".txt")
				found = found || golden == name || strings.HasSuffix(name, "…") && strings.HasPrefix(golden, strings.TrimSuffix(name, "…"))
			}
		}
		if !found {
			t.Errorf("%s: %s is tested by %s, which is not in %s", document, bug, name, folder)
		}
	}
}
