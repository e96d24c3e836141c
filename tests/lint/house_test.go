package lint

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A file that one can read in a sitting.
var lineLimits = map[string]int{".go": 499, ".bzl": 299}

func TestLength(t *testing.T) {
	files := Files(t, func(path string) bool { return lineLimits[filepath.Ext(path)] > 0 })
	for _, file := range files {
		limit := lineLimits[filepath.Ext(file.Path)]
		if lines := bytes.Count(file.Text, []byte("\n")); lines > limit {
			t.Errorf("%s: %d lines, at most %d; split it by concern", file.Path, lines, limit)
		}
	}
}

// Marks of unfinished work, in pieces so that this file does not have them.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)

// A folder that only one machine has: an administrator's home.
var machinePath = regexp.MustCompile(`(^|[\s"'=(:,])/root/`)

// The public homes that files may name. A mirror is found at run time, in the settings of the machine, and has no place here.
var publicHosts = map[string]bool{
	"bazel.build":                  true,
	"bcr.bazel.build":              true,
	"dl.google.com":                true,
	"docs.kernel.org":              true,
	"example.com":                  true,
	"example.org":                  true,
	"git.kernel.org":               true,
	"github.com":                   true,
	"go.dev":                       true,
	"localhost":                    true,
	"lore.kernel.org":              true,
	"pkg.go.dev":                   true,
	"sourceware.org":               true,
	"www.apache.org":               true,
	"www.kernel.org":               true,
	"www.w3.org":                   true,
	"refspecs.linuxfoundation.org": true,
}

var address = regexp.MustCompile(`\b(?:https?|git|ftp)://([A-Za-z0-9.-]*[A-Za-z0-9])`)

func TestWords(t *testing.T) {
	root := Root(t)
	for _, file := range Files(t, isText) {
		for number, line := range strings.Split(string(file.Text), "\n") {
			at := func(what string) { t.Errorf("%s:%d: %s", file.Path, number+1, what) }
			if word := unfinished.FindString(line); word != "" {
				at(word + ": finish it or leave it out")
			}
			if machinePath.MatchString(line) || strings.Contains(line, root+"/") {
				at("names a path of this machine")
			}
			for _, match := range address.FindAllStringSubmatch(line, -1) {
				if !publicHosts[match[1]] {
					at("names the host " + match[1] + ", which is not one of the public homes in house_test.go")
				}
			}
		}
	}
}

func TestShape(t *testing.T) {
	for _, file := range Files(t, isText) {
		if len(file.Text) == 0 {
			continue
		}
		if bytes.IndexByte(file.Text, 0) >= 0 {
			t.Errorf("%s: is binary; remove it, or move it below a folder testdata", file.Path)
			continue
		}
		script := bytes.HasPrefix(file.Text, []byte("#!"))
		if executable := file.Mode&0o111 != 0; script != executable {
			t.Errorf("%s: starts with #! is %v, and executable is %v", file.Path, script, executable)
		}
		if bytes.ContainsRune(file.Text, '\r') {
			t.Errorf("%s: has a carriage return", file.Path)
		}
		if !bytes.HasSuffix(file.Text, []byte("\n")) || bytes.HasSuffix(file.Text, []byte("\n\n")) {
			t.Errorf("%s: does not end with one line end", file.Path)
		}
		if filepath.Ext(file.Path) == ".go" {
			continue // gofmt sees to them, and leaves those of string literals
		}
		for number, line := range bytes.Split(file.Text, []byte("\n")) {
			if len(line) != len(bytes.TrimRight(line, " \t")) {
				t.Errorf("%s:%d: blanks at the end of the line", file.Path, number+1)
			}
		}
	}
}

// isText tells whether the file is written by hand: not test data, a patch or something binary.
func isText(path string) bool {
	if strings.Contains(path, "testdata/") {
		return false
	}
	switch filepath.Ext(path) {
	case ".S", ".bzl", ".c", ".go", ".h", ".json", ".lock", ".md", ".mod", ".sh", ".sum", ".txt", ".bazel", ".bazelrc", "":
		return true
	}
	return false
}
