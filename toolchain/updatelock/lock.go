// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/debian"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

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
	old, err := debian.ReadLock(file)
	if err != nil {
		return nil, err
	}
	if suite != "" && suite != old.Suite && len(old.Packages) > 0 {
		return nil, errcode.OptionValue.Errorf("is of the suite %q; make a new lock for %q", old.Suite, suite)
	}
	before := map[string]debian.Package{}
	var wanted []specification
	for _, p := range old.Packages {
		before[p.Name] = p
		if !slices.Contains(remove, p.Name) {
			wanted = append(wanted, specification{name: p.Name, arch: p.Arch()})
		}
	}
	for _, name := range remove {
		if _, ok := before[name]; !ok {
			return nil, errcode.OptionValue.Errorf("package %s: not in the lock", name)
		}
	}
	for _, text := range add {
		spec := parseSpecification(text)
		wanted = slices.DeleteFunc(wanted, func(w specification) bool { return w.name == spec.name })
		wanted = append(wanted, spec)
	}

	fresh := debian.Lock{Suite: cmp.Or(old.Suite, suite), Packages: []debian.Package{}}
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
	slices.SortFunc(fresh.Packages, func(a, b debian.Package) int { return strings.Compare(a.Name, b.Name) })
	if !write || len(changed) == 0 {
		return changed, nil
	}
	return changed, debian.WriteLock(file, fresh)
}

// choose parses the records of apt-cache show, and returns the newest that stays in the archive: a lock must not have security updates.
func choose(text string) (debian.Package, error) {
	records, err := debian.ParseRecords(text)
	if err != nil {
		return debian.Package{}, err
	}
	var skipped []string
	for _, r := range records {
		p, err := r.Package()
		if err != nil {
			return debian.Package{}, err
		}
		if !strings.HasPrefix(p.Path, debian.SecurityPool) {
			return p, nil
		}
		skipped = append(skipped, p.Version)
	}
	return debian.Package{}, errcode.AptFailed.Errorf("apt has security updates only (%s); add the release's main archive to its sources", strings.Join(skipped, ", "))
}
