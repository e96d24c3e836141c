// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"encoding/json"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// LockName is the file of a repository that says which packages it was unpacked from. It
// is an input of the actions that use the repository.
const LockName = "packages.lock.json"

// kernelSource begins the name of a package with a kernel's source.
const kernelSource = "linux-source-"

// Package is a package that a repository was unpacked from: one of Debian, or a Go module.
// Go's standard library is one, too, of no repository.
type Package struct {
	Name, Version string
	Path          string // in a Debian archive, pool/…; empty for Go
	SHA256        string // of the .deb
	Sum           string // of a Go module: its hash h1:… in go.sum
	License       string // of a Go module: an SPDX expression; empty if it is not known
	Repository    string
	// Patched says that the repository's files were changed after they were unpacked.
	Patched bool
}

var (
	hexDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)
	poolPath  = regexp.MustCompile(`^pool/[A-Za-z0-9_./+~-]+\.deb$`)
)

// isKernel reports whether a package is a kernel's source, and comes before another one
// that is.
func (p *Package) isKernel(other *Package) bool {
	return strings.HasPrefix(p.Name, kernelSource) && (other == nil || p.Repository+" "+p.Name < other.Repository+" "+other.Name)
}

// purl returns the package URL (https://github.com/package-url/purl-spec).
func (p *Package) purl() string {
	if p.isGo() {
		// Its type says that namespace and name are in lowercase.
		return golangURL + strings.ToLower(p.Name) + "@" + escapeVersion(p.Version)
	}
	architecture := strings.TrimSuffix(path.Base(p.Path), ".deb")
	architecture = architecture[strings.LastIndexByte(architecture, '_')+1:]
	return "pkg:deb/debian/" + url.PathEscape(p.Name) + "@" + escapeVersion(p.Version) + "?arch=" + url.QueryEscape(architecture)
}

// escapeVersion escapes a version for a package URL, in which a plus sign is escaped.
func escapeVersion(v string) string {
	return strings.NewReplacer("+", "%2B", ":", "%3A").Replace(v)
}

// parseLock reads the packages of a repository.
func parseLock(name string, text []byte) ([]*Package, error) {
	var lock struct {
		Packages []struct{ Name, Version, Path, SHA256 string }
		Patches  []string
		Module   *lockedModule
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, errcode.LockMalformed.Errorf("%s: is no lock of packages: %v", name, err)
	}
	if lock.Module != nil {
		p, err := lock.Module.pack(name)
		return []*Package{p}, err
	}
	var out []*Package
	seen := map[string]bool{}
	for i, p := range lock.Packages {
		if seen[p.Name] {
			return nil, errcode.LockMalformed.Errorf("%s: packages[%d] %q: is there twice", name, i, p.Name)
		}
		seen[p.Name] = true
		if p.Name == "" || p.Version == "" || !hexDigest.MatchString(p.SHA256) || !poolPath.MatchString(p.Path) {
			return nil, errcode.LockMalformed.Errorf("%s: packages[%d] %q: it needs a name, a version, a path pool/….deb and a SHA-256", name, i, p.Name)
		}
		out = append(out, &Package{Name: p.Name, Version: p.Version, Path: p.Path, SHA256: p.SHA256, Repository: repositoryOf(name), Patched: len(lock.Patches) > 0})
	}
	return out, nil
}

// A packaged program is started by launch, with settings in a file of this suffix, and by the dynamic loader of its own packages.
const (
	launchSuffix = ".launch.json"
	loaderPrefix = "ld-linux-"
)

// requireLocks fails if a program was started from packages that no lock names: a statement without them says nothing of the compiler.
func (w *walk) requireLocks(locked map[string]bool) error {
	launched := false
	for name := range w.deps {
		launched = launched || strings.HasSuffix(name, launchSuffix)
	}
	if !launched {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(w.deps)) {
		d := w.deps[name]
		if _, ok := locked[d.Repository]; ok || d.Repository == "" || !strings.HasPrefix(path.Base(name), loaderPrefix) {
			continue
		}
		return errcode.ReadsUnknown.Errorf("%s: a program was started with it, and external/%s/%s is no input: which packages the program is from cannot be told; "+
			"add the lock to the toolchain's files, or fetch the repository again with `bazel sync` or in a new output base", name, d.Repository, LockName)
	}
	return nil
}

// finish adds the packages of the repositories, and sorts.
func (w *walk) finish(g *Graph) error {
	compilers := map[string]bool{}
	var packages []*Package
	for name, d := range w.deps {
		if d.Repository == "" || name != "external/"+d.Repository+"/"+LockName {
			continue
		}
		text, err := w.build.Contents(name)
		if err != nil {
			return err
		}
		list, err := parseLock(name, text)
		if err != nil {
			return err
		}
		packages = append(packages, list...)
		compilers[d.Repository] = true
		for _, p := range list {
			if p.isGo() || strings.HasPrefix(p.Name, kernelSource) {
				compilers[d.Repository] = false
			}
		}
	}
	if err := w.requireLocks(compilers); err != nil {
		return err
	}
	for _, d := range w.deps {
		if compilers[d.Repository] && !strings.HasPrefix(d.Name, outputRoot) {
			d.Kind = KindCompiler
		}
		g.Deps = append(g.Deps, *d)
	}
	if std := w.standardLibrary(g.Steps); std != nil {
		packages = append(packages, std)
	}
	for i := range g.Steps {
		s := &g.Steps[i]
		var headers []File
		for _, d := range s.headers {
			if d.Kind == KindHeader {
				headers = append(headers, d.File)
			}
		}
		s.Headers, s.HeadersHash, s.headers = len(headers), DirHash(headers), nil
	}
	for _, p := range packages {
		g.Deps = append(g.Deps, Dependency{File{p.Name, p.SHA256}, KindPackage, p.Repository, p})
		if p.isKernel(g.Kernel) {
			g.Kernel = p
		}
	}
	slices.SortFunc(g.Deps, func(a, b Dependency) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.Repository+a.SHA256, b.Repository+b.SHA256)
	})
	return nil
}
