// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"path"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// A compile lists the headers that it read. Whether it would find others if more were there is the question of this file: `#include "r"` finds the
// first of X/r, for the directory X of the file that has the line, and D/r, for the include directories D in their order. So a header H takes the place of
// another one, F, only if for one r
//
//	F is D/r, and H is E/r, for two include directories D and E, or
//	F is D/r, and H is X/r, or the other way around, for an include directory D and the directory X of a file.
//
// Two directories of files, X and Y, are no such pair: a line has one X. r may start with `..`, which moves D, E and X up. Headers of which that can be said share
// a name; for all others, `#include` finds what it found when one is added or removed.

// WriteNames writes the files that share a name with another one, sorted. files are those that a compile may read, sources included, and own are the
// compiler's: without -nostdinc, these count as found under every end of their paths, since the compiler alone knows its directories. options have the
// include directories. The directories of Bazel's configurations are left out.
func WriteNames(out string, files, own, options []string) error {
	shared := sharing(files, own, options)
	// Not empty: there are remote execution servers that do not have an empty file.
	return fileio.WriteBytes(out, []byte("# Headers that share a name.\n"+strings.Join(append(shared, ""), "\n")))
}

// maxUp is how many `..` at the start of a name count. No directory of a kernel is deeper.
const maxUp = 16

// directories is a set of directories: element N has the directories that N times `..` leads to from those that were added.
type directories [maxUp + 1]map[string]bool

func (d *directories) add(dir string) {
	for up := range d {
		if d[up] == nil {
			d[up] = map[string]bool{}
		}
		d[up][dir] = true
		if isTop(dir) {
			return
		}
		dir = path.Dir(dir)
	}
}

// isTop reports whether nothing can be included from above a directory: the execution root, the directory of all repositories, the root of the machine.
func isTop(dir string) bool { return dir == "." || dir == ".." || dir == "/" }

// name is what a file is called in an #include: a number of `..`, and a path.
type name struct {
	up   int
	path string
}

// called are the files of one name: those below an include directory, and those next to a file that may include them.
type called struct{ searched, beside []string }

// sharing returns the files that share a name.
func sharing(files, own, options []string) []string {
	list, known := searchDirectories(options)
	ownFound := !slices.Contains(options, "-nostdinc") || slices.Contains(options, "-iwithprefix")
	var search, beside directories
	for _, dir := range list {
		search.add(withoutConfiguration(path.Clean(dir)))
	}
	// Where the assembler and -include start.
	beside.add(".")
	files = cleaned(files)
	for _, file := range files {
		beside.add(path.Dir(file))
	}
	names := map[name]*called{}
	add := func(file string, everywhere bool) {
		for dir, top := path.Dir(file), false; !top; dir = path.Dir(dir) {
			top = isTop(dir)
			rest := strings.TrimPrefix(strings.TrimPrefix(file, dir), "/")
			if dir == "." {
				rest = file
			}
			for up := range search {
				searched := search[up][dir] || up == 0 && everywhere
				if !searched && !beside[up][dir] {
					continue
				}
				n := names[name{up, rest}]
				if n == nil {
					n = &called{}
					names[name{up, rest}] = n
				}
				if searched {
					n.searched = append(n.searched, file)
				} else {
					n.beside = append(n.beside, file)
				}
			}
		}
	}
	for _, file := range files {
		add(file, !known)
	}
	for _, file := range cleaned(own) {
		add(file, ownFound || !known)
	}
	var shared []string
	for _, n := range names {
		if len(n.searched) == 0 {
			continue
		}
		all := slices.Concat(n.searched, n.beside)
		slices.Sort(all)
		if all = slices.Compact(all); len(all) > 1 {
			shared = append(shared, all...)
		}
	}
	slices.Sort(shared)
	return slices.Compact(shared)
}

// cleaned returns clean paths without the directories of Bazel's configurations, each once.
func cleaned(files []string) []string {
	all := make([]string, len(files))
	for i, file := range files {
		all[i] = withoutConfiguration(path.Clean(file))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// searchElsewhere are the starts of options with include directories that includeDirectory does not read.
var searchElsewhere = []string{"@", "-iprefix", "-iwithprefixbefore", "--include-", "-internal-", "-c-isystem", "-I-"}

// searchDirectories returns the include directories in options; false if there may be others.
func searchDirectories(options []string) (found []string, known bool) {
	known = true
	var words []string
	for _, option := range options {
		// The options of the preprocessor and the assembler: -Wa,-I,DIRECTORY.
		if strings.HasPrefix(option, "-Wp,") || strings.HasPrefix(option, "-Wa,") {
			words = append(words, strings.Split(option, ",")[1:]...)
			continue
		}
		words = append(words, option)
	}
	for i, w := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		if option, dir := includeDirectory(w, next); option != "" && dir != "" {
			found = append(found, dir)
		}
		known = known && !slices.ContainsFunc(searchElsewhere, func(start string) bool { return strings.HasPrefix(w, start) })
	}
	return found, known
}

// withoutConfiguration returns bazel-out/cfg/REST for bazel-out/CONFIGURATION/REST, as Bazel maps paths.
func withoutConfiguration(name string) string {
	const outputs = "bazel-out/"
	if rest, ok := strings.CutPrefix(name, outputs); ok {
		if _, rest, ok := strings.Cut(rest, "/"); ok {
			return outputs + "cfg/" + rest
		}
	}
	return name
}

// asks are the preprocessor's questions whether there is a file. The answer is no file that is read.
var asks = [][]byte{[]byte("__has_include"), []byte("__has_embed")}

// asksForHeaders reports whether a file has one of these words. The compiler has removed temporary files; directories are arguments of options.
func asksForHeaders(files []string) (bool, error) {
	search := wordSearch{words: asks}
	return search.inAny(files)
}
