// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// CompareBuild says how a build differs from what a statement says of it. The result is
// empty if it does not.
func (s *Statement) CompareBuild(build *Graph) []*Fault {
	var faults []*Fault
	add := func(cause, format string, args ...any) {
		faults = append(faults, &Fault{cause, fmt.Sprintf(format, args...)})
	}
	if s.Graph.Target != build.Target {
		add(CauseTarget, "the statement is of %s, the build of %s", s.Graph.Target, build.Target)
	}
	if !slices.Equal(s.Graph.Subjects, build.Subjects) {
		add(CauseOutput, "the statement is of %s, the build made %s", fileList(s.Graph.Subjects), fileList(build.Subjects))
	}
	said, did := byName(s.Graph.Deps), byName(build.Deps)
	for _, key := range sortedKeys(said, did) {
		a, b := said[key], did[key]
		switch {
		case b == nil:
			add(CauseExtra, "%s: the statement has it, the build did not read it", key)
		case a == nil:
			add(CauseMissing, "%s: the build read it, the statement does not have it", key)
		case a.identity() != b.identity():
			add(CauseChanged, "%s: %s in the statement, %s in the build", key, a.identity(), b.identity())
		case a.Package != nil && b.Package != nil && a.Package.origin() != b.Package.origin():
			add(CauseChanged, "%s: %s in the statement, %s in the build", key, a.Package.origin(), b.Package.origin())
		case a.Kind != b.Kind:
			add(CauseChanged, "%s: a %s in the statement, a %s in the build", key, a.Kind, b.Kind)
		}
	}
	ran, steps := byOutput(s.Graph.Steps), byOutput(build.Steps)
	for _, key := range sortedKeys(ran, steps) {
		if what := stepDifference(ran[key], steps[key]); what != "" {
			add(CauseAction, "%s: %s", key, what)
		}
	}
	return faults
}

// CompareTree says which sources, headers and other files that no action made, as a
// statement has them, are different in a source tree, and how many it compared. Those of
// external repositories are compared if the tree has a directory of them, as an execution
// root has. A tree with nothing to compare is a fault.
func (s *Statement) CompareTree(root string) (faults []*Fault, compared int) {
	st, err := os.Stat(filepath.Join(root, "external"))
	external := err == nil && st.IsDir()
	for i := range s.Graph.Deps {
		d := &s.Graph.Deps[i]
		if d.Package != nil || d.Repository != "" && !external || strings.HasPrefix(d.Name, outputRoot) {
			continue
		}
		compared++
		if !filepath.IsLocal(filepath.FromSlash(d.Name)) {
			faults = append(faults, &Fault{CauseChanged, d.Name + ": is no path in a source tree"})
			continue
		}
		got, err := digestOf(filepath.Join(root, filepath.FromSlash(d.Name)))
		switch {
		case os.IsNotExist(err):
			faults = append(faults, &Fault{CauseExtra, fmt.Sprintf("%s: the statement has it, %s does not", d.Name, root)})
		case err != nil:
			faults = append(faults, &Fault{CauseChanged, fmt.Sprintf("%s: %v", d.Name, err)})
		case got != d.SHA256:
			faults = append(faults, &Fault{CauseChanged, fmt.Sprintf("%s: %s in the statement, %s in %s", d.Name, d.SHA256, got, root)})
		}
	}
	if compared == 0 {
		faults = append(faults, &Fault{CauseMissing, fmt.Sprintf("the statement has no file that could be in %s: all are of external repositories; give the execution root, which has them", root)})
	}
	return faults, compared
}

// Subject returns the subject with a digest, or nil.
func (s *Statement) Subject(sha256 string) *File {
	for i := range s.Graph.Subjects {
		if s.Graph.Subjects[i].SHA256 == sha256 {
			return &s.Graph.Subjects[i]
		}
	}
	return nil
}

func byName(deps []Dependency) map[string]*Dependency {
	m := make(map[string]*Dependency, len(deps))
	for i := range deps {
		d := &deps[i]
		key := d.Name
		if d.Kind == KindPackage {
			key = "package " + d.Name + " of " + d.Repository
		}
		m[key] = d
	}
	return m
}

func byOutput(steps []Step) map[string]*Step {
	m := make(map[string]*Step, len(steps))
	for i := range steps {
		m[steps[i].Mnemonic+" "+steps[i].Outputs[0].Name] = &steps[i]
	}
	return m
}

func sortedKeys[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// stepDifference says how an action of a statement differs from that of a build.
func stepDifference(a, b *Step) string {
	switch {
	case b == nil:
		return "the statement has this action, the build did not need it"
	case a == nil:
		return "the build needed this action, the statement does not have it"
	case !slices.Equal(a.Command, b.Command):
		return "its command: " + wordDifference(a.Command, b.Command)
	case !maps.Equal(a.Env, b.Env):
		return fmt.Sprintf("its environment: %v in the statement, %v in the build", a.Env, b.Env)
	case !slices.Equal(a.Outputs, b.Outputs):
		return fmt.Sprintf("its outputs: %s in the statement, %s in the build", fileList(a.Outputs), fileList(b.Outputs))
	case !slices.Equal(a.Inputs, b.Inputs):
		return "its inputs: " + wordDifference(a.Inputs, b.Inputs)
	case a.Headers != b.Headers || a.HeadersHash != b.HeadersHash:
		return fmt.Sprintf("it read other headers: %d in the statement, %d in the build", a.Headers, b.Headers)
	case a.Target != b.Target:
		return fmt.Sprintf("it is of %s in the statement, of %s in the build", a.Target, b.Target)
	}
	return ""
}

// wordDifference names the first word that differs.
func wordDifference(a, b []string) string {
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return fmt.Sprintf("%q is in the build only", b[i])
		case i >= len(b):
			return fmt.Sprintf("%q is in the statement only", a[i])
		case a[i] != b[i]:
			return fmt.Sprintf("word %d is %q in the statement, %q in the build", i, a[i], b[i])
		}
	}
	return ""
}

func fileList(files []File) string {
	words := make([]string, len(files))
	for i, f := range files {
		words[i] = f.Name + " " + f.SHA256
	}
	return strings.Join(words, ", ")
}

// origin says what a package is said to be: its bytes are known by their digest.
func (p *Package) origin() string {
	s := strings.TrimSpace(p.Version+" "+p.Path) + " in " + p.Repository
	if p.Patched {
		s += ", patched"
	}
	return s
}

// identity says which version of it a dependency is: its SHA-256, or what go.sum has.
func (d *Dependency) identity() string {
	if d.Package != nil && d.Package.isGo() {
		return strings.TrimSpace(d.Package.Version + " " + d.Package.Sum)
	}
	return d.SHA256
}
