package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// Package is one pinned Debian package.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Path is the package's path in a Debian archive: pool/….
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	// Size of the .deb, in bytes.
	Size int64 `json:"size"`
}

// Lock is the contents of a lock file. rules/private/debian.bzl reads it.
type Lock struct {
	// Suite is the Debian suite of the packages; "" is that of the machine's apt.
	Suite    string    `json:"suite,omitempty"`
	Packages []Package `json:"packages"`
}

// arch returns the architecture of a package, by the name of its file (deb(5) packages are NAME_VERSION_ARCHITECTURE.deb), or "" for one of all.
func (p Package) arch() string {
	stem := strings.TrimSuffix(p.Path, ".deb")
	if arch := stem[strings.LastIndexByte(stem, '_')+1:]; arch != "all" {
		return arch
	}
	return ""
}

// specification is what to look a package up by: NAME[:ARCHITECTURE][=VERSION].
type specification struct{ name, arch, version string }

func parseSpecification(text string) specification {
	name, version, _ := strings.Cut(text, "=")
	name, arch, _ := strings.Cut(name, ":")
	return specification{name: name, arch: arch, version: version}
}

func (s specification) String() string {
	if s.version != "" {
		return s.name + "=" + s.version
	}
	return s.name
}

// update updates a lock and returns the changes, one line per package. suite is that of a new lock. show returns apt's records for NAME or
// NAME=VERSION in a suite, of an architecture; "" is the toolchains'.
func update(file, suite string, add, remove []string, write bool, show func(suite, arch, spec string) (string, error)) ([]string, error) {
	old, err := readLock(file)
	if err != nil {
		return nil, err
	}
	if suite != "" && suite != old.Suite && len(old.Packages) > 0 {
		return nil, fmt.Errorf("is of the suite %q; make a new lock for %q", old.Suite, suite)
	}
	before := map[string]Package{}
	var wanted []specification
	for _, p := range old.Packages {
		before[p.Name] = p
		if !slices.Contains(remove, p.Name) {
			wanted = append(wanted, specification{name: p.Name, arch: p.arch()})
		}
	}
	for _, name := range remove {
		if _, ok := before[name]; !ok {
			return nil, fmt.Errorf("package %s: not in the lock", name)
		}
	}
	for _, text := range add {
		spec := parseSpecification(text)
		wanted = slices.DeleteFunc(wanted, func(w specification) bool { return w.name == spec.name })
		wanted = append(wanted, spec)
	}

	fresh := Lock{Suite: cmp.Or(old.Suite, suite), Packages: []Package{}}
	var changed []string
	for _, spec := range wanted {
		text, err := show(fresh.Suite, spec.arch, spec.String())
		if err != nil {
			return nil, fmt.Errorf("package %s: %w", spec, err)
		}
		p, err := choose(text)
		if err != nil {
			return nil, fmt.Errorf("package %s: %w", spec, err)
		}
		fresh.Packages = append(fresh.Packages, p)
		if b := before[p.Name]; b != p {
			changed = append(changed, strings.TrimSpace(fmt.Sprintf("%s %s -> %s", p.Name, b.Version, p.Version)))
		}
	}
	for _, name := range remove {
		changed = append(changed, name+" removed")
	}
	slices.SortFunc(fresh.Packages, func(a, b Package) int { return strings.Compare(a.Name, b.Name) })
	if !write || len(changed) == 0 {
		return changed, nil
	}
	return changed, writeLock(file, fresh)
}

// readLock reads a lock; a file that does not exist is an empty lock.
func readLock(file string) (Lock, error) {
	var lock Lock
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return lock, nil
	}
	if err != nil {
		return lock, err
	}
	if err := json.Unmarshal(data, &lock); err != nil {
		return lock, fmt.Errorf("not a lock: %w", err)
	}
	return lock, nil
}

// writeLock replaces a lock atomically.
func writeLock(file string, lock Lock) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(lock); err != nil {
		return err
	}
	return fileio.WriteBytes(file, text.Bytes())
}

// securityPool has Debian's security updates. They are removed from it at the next point release, so a lock must not have them.
const securityPool = "pool/updates/"

// choose parses the records of apt-cache show, newest version first, and returns the newest that stays in the archive.
func choose(text string) (Package, error) {
	var skipped []string
	for _, record := range strings.Split(text, "\n\n") {
		if strings.TrimSpace(record) == "" {
			continue
		}
		p, err := parseRecord(record)
		if err != nil {
			return Package{}, err
		}
		if strings.HasPrefix(p.Path, securityPool) {
			skipped = append(skipped, p.Version)
			continue
		}
		return p, nil
	}
	if len(skipped) > 0 {
		return Package{}, fmt.Errorf("apt has security updates only (%s); add the release's main archive to its sources", strings.Join(skipped, ", "))
	}
	return Package{}, errors.New("apt has no record; run apt-get update")
}

// parseRecord parses a record of apt-cache show (deb-control(5) syntax) and rejects one without what a lock needs.
func parseRecord(text string) (Package, error) {
	fields := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == ' ' || line[0] == '\t' {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return Package{}, fmt.Errorf("apt's record: line %q: want NAME: VALUE", line)
		}
		fields[name] = strings.TrimSpace(value)
	}
	for _, name := range []string{"Package", "Version"} {
		if fields[name] == "" {
			return Package{}, fmt.Errorf("apt's record lacks %s", name)
		}
	}
	// The record of a package that is installed, but no longer in an archive, does not have these.
	for _, name := range []string{"Filename", "SHA256", "Size"} {
		if fields[name] == "" {
			return Package{}, fmt.Errorf("apt's record of version %s lacks %s; run apt-get update, or name another with NAME=VERSION", fields["Version"], name)
		}
	}
	if !strings.HasPrefix(fields["Filename"], "pool/") {
		return Package{}, fmt.Errorf("apt's record: Filename %q: want pool/…", fields["Filename"])
	}
	size, err := strconv.ParseInt(fields["Size"], 10, 64)
	if err != nil {
		return Package{}, fmt.Errorf("apt's record: Size: %w", err)
	}
	return Package{
		Name:    fields["Package"],
		Version: fields["Version"],
		Path:    fields["Filename"],
		SHA256:  fields["SHA256"],
		Size:    size,
	}, nil
}
