// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"bytes"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	intoto "github.com/in-toto/attestation/go/v1"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

const (
	// golangURL begins the package URL of what the Go command names.
	golangURL = "pkg:golang/"
	// standardLibrary is its name in Go's database of vulnerabilities, and in scanners.
	standardLibrary = "stdlib"
	// dirHash is in-toto's name for the hash of a Go module, in hexadecimal.
	dirHash = "dirHash"
	// sumPrefix begins that hash in go.sum.
	sumPrefix = "h1:"
)

// Mnemonics of rules_go.
const (
	goCompile = "GoCompilePkg" // begins those of compiles
	goLink    = "GoLink"
)

var (
	modulePath    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~/-]*$`)
	moduleVersion = regexp.MustCompile(`^v[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*$`)
)

func (p *Package) isGo() bool { return p.Path == "" }

// lockedModule is a Go module in the lock of its repository, which go_module.bzl writes.
type lockedModule struct {
	Path, Version, Sum string
	LicenseFiles       map[string]string `json:"license_files"` // by path, their texts
	RemovedFiles       []string          `json:"removed_files"` // which the repository does not have
}

// pack returns the module as a package. The name is that of the lock.
func (m *lockedModule) pack(name string) (*Package, error) {
	if _, err := decodeSum(m.Sum); err != nil || !modulePath.MatchString(m.Path) || !moduleVersion.MatchString(m.Version) {
		return nil, errcode.LockMalformed.Errorf("%s: module %q: it needs a path, a version v… and the hash h1:… of go.sum; fetch the repository again", name, m.Path)
	}
	return &Package{
		Name: m.Path, Version: m.Version, Sum: m.Sum, License: licenseOf(m.LicenseFiles), Repository: repositoryOf(name), Patched: len(m.RemovedFiles) > 0,
	}, nil
}

// decodeSum returns the bytes of a hash h1:….
func decodeSum(sum string) ([]byte, error) {
	text, ok := strings.CutPrefix(sum, sumPrefix)
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if !ok || err != nil || len(raw) != 32 {
		return nil, malformed("%q is no hash of a Go module", sum)
	}
	return raw, nil
}

// describe adds what a statement says of a Go module, or the standard library.
func (p *Package) describe(r *intoto.ResourceDescriptor, notes map[string]any) {
	r.Digest = nil
	if raw, err := decodeSum(p.Sum); err == nil {
		r.Digest = map[string]string{dirHash: hex.EncodeToString(raw)}
	}
	if p.License != "" {
		notes["license"] = p.License
	}
}

// goPackageOf reads what describe has written.
func goPackageOf(r *intoto.ResourceDescriptor) (*Package, error) {
	notes := r.Annotations.GetFields()
	p := &Package{
		Name: r.GetName(), Version: notes["version"].GetStringValue(), License: notes["license"].GetStringValue(),
		Repository: notes["repository"].GetStringValue(), Patched: notes["patched"].GetBoolValue(),
	}
	digest := r.GetDigest()[dirHash]
	switch {
	case !modulePath.MatchString(p.Name) || p.Version == "":
		return nil, malformed("the Go module %q has no path or no version", p.Name)
	case hexDigest.MatchString(digest):
		raw, _ := hex.DecodeString(digest)
		p.Sum = sumPrefix + base64.StdEncoding.EncodeToString(raw)
	case p.Name != standardLibrary:
		return nil, malformed("the Go module %s has no hash", p.Name)
	}
	return p, nil
}

// standardLibrary returns the standard library of the programs that Go's linker made, by
// what these say themselves; or nil, if they say nothing or different versions.
func (w *walk) standardLibrary(steps []Step) *Package {
	version := ""
	for i := range steps {
		if steps[i].Mnemonic != goLink {
			continue
		}
		text, err := w.build.Contents(steps[i].Outputs[0].Name)
		if err != nil {
			return nil
		}
		info, err := buildinfo.Read(bytes.NewReader(text))
		if err != nil || version != "" && version != info.GoVersion {
			return nil
		}
		version = info.GoVersion
	}
	number, ok := strings.CutPrefix(version, "go")
	if !ok {
		return nil
	}
	// Experiments follow a blank.
	number, _, _ = strings.Cut(number, " ")
	return &Package{Name: standardLibrary, Version: number}
}

// goProgram is a program that Go's linker made.
type goProgram struct {
	File
	Packages []*Package // the modules in it, and the standard library
}

// goPrograms returns the Go programs of a graph. A package in one whose module is not
// known is an error: its list would be incomplete.
func (g *Graph) goPrograms() ([]goProgram, error) {
	var std *Package
	modules := map[string]*Package{}
	for i := range g.Deps {
		switch p := g.Deps[i].Package; {
		case p == nil || !p.isGo():
		case p.Name == standardLibrary && p.Sum == "":
			std = p
		default:
			modules[p.Repository] = p
		}
	}
	producers := g.producers()
	var programs []goProgram
	for i := range g.Steps {
		s := &g.Steps[i]
		if s.Mnemonic != goLink {
			continue
		}
		if std == nil {
			return nil, errcode.ModuleUnknown.Errorf("%s: the version of Go's standard library in it cannot be told: the file is not there, is no program, or others of %s have another one; "+
				"link programs (not c-archive), of one Go version", s.Outputs[0].Name, g.Target)
		}
		found := map[*Package]bool{std: true}
		for _, in := range s.Inputs {
			compile, repository := producers[in], repositoryOf(in)
			if compile == nil || !strings.HasPrefix(compile.Mnemonic, goCompile) || repository == "" {
				continue
			}
			if modules[repository] == nil {
				return nil, errcode.ModuleUnknown.Errorf("%s: has the package %s, and external/%s/%s is no input of the build: which Go module it is cannot be told; "+
					"fetch it by a rule whose packages are compiled with the lock, or make the statement without a bill of materials", s.Outputs[0].Name, compile.Target, repository, LockName)
			}
			found[modules[repository]] = true
		}
		p := goProgram{File: s.Outputs[0]}
		for d := range found {
			p.Packages = append(p.Packages, d)
		}
		slices.SortFunc(p.Packages, func(a, b *Package) int { return strings.Compare(a.purl()+a.Repository, b.purl()+b.Repository) })
		programs = append(programs, p)
	}
	return programs, nil
}

// producers returns the action of each output.
func (g *Graph) producers() map[string]*Step {
	m := map[string]*Step{}
	for i := range g.Steps {
		for _, f := range g.Steps[i].Outputs {
			m[f.Name] = &g.Steps[i]
		}
	}
	return m
}

// programsIn returns which of the programs went into a subject: those from which its
// actions lead back, also by links and copies that Bazel made.
func (g *Graph) programsIn(subject File, programs []goProgram) []goProgram {
	producers, digests := g.producers(), map[string]string{}
	for i := range g.Deps {
		if d := &g.Deps[i]; d.Kind == KindGenerated {
			digests[d.Name] = d.SHA256
		}
	}
	copied := map[string]*Step{}
	var queue []*Step
	for i := range g.Steps {
		for _, f := range g.Steps[i].Outputs {
			if copied[f.SHA256] == nil && f.SHA256 != emptyDigest {
				copied[f.SHA256] = &g.Steps[i]
			}
			if f.SHA256 == subject.SHA256 && OutputName(f.Name) == subject.Name {
				queue = append(queue, &g.Steps[i])
			}
		}
	}
	seen := map[*Step]bool{}
	var in []goProgram
	for len(queue) > 0 {
		s := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if s == nil || seen[s] {
			continue
		}
		seen[s] = true
		if i := slices.IndexFunc(programs, func(p goProgram) bool { return p.Name == s.Outputs[0].Name }); i >= 0 {
			in = append(in, programs[i])
		}
		for _, name := range s.Inputs {
			queue = append(queue, producers[name], copied[digests[name]])
		}
	}
	slices.SortFunc(in, func(a, b goProgram) int { return compareFiles(a.File, b.File) })
	return in
}
