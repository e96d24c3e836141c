// SPDX-License-Identifier: Apache-2.0

// Package provenance says what an object was made from: it walks the actions of a
// Bazel build back from the object, and writes what it finds as an in-toto statement
// with SLSA's provenance predicate, and as a CycloneDX bill of materials. It also
// checks statements against files, builds and kernels.
//
// Actions come from an execution log ([FromLog]) or from what the aspect of the rules
// recorded ([FromRecord]); both give the same statement.
package provenance

import (
	"path"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Action is an executed command of a build. Paths are relative to the execution root.
type Action struct {
	Mnemonic, Label string
	Command         []string
	Env             map[string]string
	Inputs, Outputs []string
}

// Build is what a build did, and the files that it did it with.
type Build interface {
	// Producer returns the index of the action that made a file.
	Producer(path string) (int, bool)
	// Copied returns the index of the action that made a file with this digest, for a file
	// that no action made: a link or a copy by Bazel itself.
	Copied(digest string) (int, bool)
	// Action returns an action by its index.
	Action(i int) (*Action, error)
	// Digest returns the SHA-256 of a file of the build, in lowercase hexadecimal.
	Digest(path string) (string, error)
	// Contents returns the contents of a file of the build, which have its digest.
	Contents(path string) ([]byte, error)
	// OutputsOf returns the files that a target's actions made, sorted.
	OutputsOf(label string) []string
}

// File is a file and its SHA-256, in lowercase hexadecimal.
type File struct{ Name, SHA256 string }

// Kinds of dependencies.
const (
	KindSource    = "source"
	KindHeader    = "header"
	KindCompiler  = "compiler"  // a file of a repository of packages that is no kernel
	KindTool      = "tool"      // a program that the build made for itself
	KindGenerated = "generated" // written by Bazel, not by an action with a command
	KindFile      = "file"
	KindPackage   = "package"
)

// Dependency is something that the target was made from.
type Dependency struct {
	File
	Kind       string
	Repository string // of an external file or a package; or empty
	Package    *Package
}

// Step is an action that the target depends on.
type Step struct {
	Mnemonic, Target string
	Command          []string
	Env              map[string]string
	Inputs           []string // what it read but headers and compiler files, sorted
	Headers          int      // how many headers it read
	HeadersHash      string   // their dirHash
	Outputs          []File
	headers          []*Dependency // candidates, until it is known which are a compiler's
}

// Graph is everything that a target was made from.
type Graph struct {
	Target   string
	Subjects []File
	Steps    []Step       // sorted by their first outputs
	Deps     []Dependency // sorted by kind of name
	Kernel   *Package     // the source package of the kernel; or nil
}

// CanonicalLabel writes a label of the main repository as //PACKAGE:NAME, and one of
// another as @@REPOSITORY//PACKAGE:NAME.
func CanonicalLabel(label string) string {
	repository, rest, ok := strings.Cut(strings.TrimLeft(label, "@"), "//")
	if !ok {
		repository, rest = "", repository
	}
	if !strings.Contains(rest, ":") {
		rest += ":" + path.Base(rest)
	}
	if repository != "" {
		return "@@" + repository + "//" + rest
	}
	return "//" + rest
}

// walk is a walk in progress.
type walk struct {
	build Build
	seen  map[int]bool
	queue []int
	deps  map[string]*Dependency // by path
	steps []Step
}

// Walk returns everything that files of a target were made from. A file that no action
// of the build made is an error.
func Walk(b Build, target string, subjects []string) (*Graph, error) {
	w := &walk{build: b, seen: map[int]bool{}, deps: map[string]*Dependency{}}
	g := &Graph{Target: CanonicalLabel(target)}
	for _, s := range subjects {
		i, ok := b.Producer(s)
		if !ok {
			return nil, errcode.OutputUnmade.Errorf("%s: no action of the build made it; give the log of the build that did, from an output base of its own", s)
		}
		digest, err := b.Digest(s)
		if err != nil {
			return nil, err
		}
		g.Subjects = append(g.Subjects, File{OutputName(s), digest})
		w.add(i)
	}
	for len(w.queue) > 0 {
		i := w.queue[len(w.queue)-1]
		w.queue = w.queue[:len(w.queue)-1]
		if err := w.action(i); err != nil {
			return nil, err
		}
	}
	if len(g.Subjects) == 0 {
		return nil, errcode.OutputUnmade.Errorf("%s: no output to make a statement of", target)
	}
	slices.SortFunc(g.Subjects, compareFiles)
	for i := range g.Subjects[1:] {
		if name := g.Subjects[i].Name; name == g.Subjects[i+1].Name {
			return nil, errcode.OutputUnmade.Errorf("%s: is an output in two configurations; name a target that is built in one", name)
		}
	}
	slices.SortFunc(w.steps, func(a, b Step) int { return compareFiles(a.Outputs[0], b.Outputs[0]) })
	g.Steps = w.steps
	return g, w.finish(g)
}

func compareFiles(a, b File) int { return strings.Compare(a.Name, b.Name) }

func (w *walk) add(i int) {
	if !w.seen[i] {
		w.seen[i] = true
		w.queue = append(w.queue, i)
	}
}

// action adds an action and what it read.
func (w *walk) action(i int) error {
	a, err := w.build.Action(i)
	if err != nil {
		return err
	}
	command, unused := compilerCommand(a)
	skip := map[string]bool{}
	list := dependencyFile(a)
	switch {
	case unused != "":
		skip, err = w.unread(a, unused)
	case list != "":
		skip, err = w.unlisted(a, list)
	}
	if err != nil {
		return err
	}
	s := Step{Mnemonic: a.Mnemonic, Target: CanonicalLabel(a.Label), Command: command, Env: a.Env}
	for _, in := range a.Inputs {
		if skip[in] || isParameters(in, a) || inRunfiles(in) {
			continue
		}
		d, err := w.input(in)
		if err != nil {
			return err
		}
		switch {
		case d == nil || d.Kind != KindHeader && d.Repository == "":
			s.Inputs = append(s.Inputs, in)
		case d.Kind == KindHeader:
			s.headers = append(s.headers, d)
		case d.Kind == KindSource:
			s.Inputs = append(s.Inputs, in)
		}
	}
	slices.Sort(s.Inputs)
	s.Inputs = slices.Compact(s.Inputs)
	for _, out := range a.Outputs {
		if out == unused || out == list {
			continue
		}
		digest, err := w.build.Digest(out)
		if err != nil {
			return err
		}
		s.Outputs = append(s.Outputs, File{out, digest})
	}
	if len(s.Outputs) == 0 {
		return errcode.OutputUnmade.Errorf("%s %s: an action without outputs", a.Mnemonic, a.Label)
	}
	slices.SortFunc(s.Outputs, compareFiles)
	w.steps = append(w.steps, s)
	return nil
}

// input adds an input. It returns nil for one that an action made, which is then walked.
func (w *walk) input(in string) (*Dependency, error) {
	if d := w.deps[in]; d != nil {
		return d, nil
	}
	tool := isTool(in)
	if !tool {
		if i, ok := w.build.Producer(in); ok {
			w.add(i)
			return nil, nil
		}
	}
	digest, err := w.build.Digest(in)
	if err != nil {
		return nil, err
	}
	d := &Dependency{File: File{in, digest}, Repository: repositoryOf(in)}
	switch {
	case tool:
		d.Kind, d.Repository = KindTool, ""
	case strings.HasPrefix(in, outputRoot):
		d.Kind = KindGenerated
		if i, ok := w.build.Copied(digest); ok && digest != emptyDigest {
			w.add(i)
		}
	default:
		d.Kind = kindOf(in)
	}
	w.deps[in] = d
	return d, nil
}

// kindOf tells sources and headers by their names.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".h", ".inc", ".hpp":
		return KindHeader
	case ".c", ".S", ".s", ".cc", ".go", ".lds", ".ld":
		return KindSource
	}
	return KindFile
}
