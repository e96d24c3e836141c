// SPDX-License-Identifier: Apache-2.0

// Package debian reads the metadata of Debian's archives, with apt and the machine's own settings, and the locks of packages.
package debian

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
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

// Arch returns the architecture of a package, by the name of its file (deb(5) packages are NAME_VERSION_ARCHITECTURE.deb), or "" for one of all.
func (p Package) Arch() string {
	stem := strings.TrimSuffix(p.Path, ".deb")
	if arch := stem[strings.LastIndexByte(stem, '_')+1:]; arch != "all" {
		return arch
	}
	return ""
}

// ReadLock reads a lock; a file that does not exist is an empty lock.
func ReadLock(file string) (Lock, error) {
	var lock Lock
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return lock, nil
	}
	if err != nil {
		return lock, err
	}
	if err := json.Unmarshal(data, &lock); err != nil {
		return lock, errcode.LockMalformed.Errorf("not a lock: %w", err)
	}
	return lock, nil
}

// WriteLock replaces a lock atomically.
func WriteLock(file string, lock Lock) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(lock); err != nil {
		return err
	}
	return fileio.WriteBytes(file, text.Bytes())
}

// SecurityPool has Debian's security updates. They are removed from it at the next point release.
const SecurityPool = "pool/updates/"

// Record is a package's record of apt-cache show: the values by the names of their fields (deb-control(5)).
type Record map[string]string

// ParseRecords parses the records of apt-cache show, the newest version first.
func ParseRecords(text string) ([]Record, error) {
	var records []Record
	for _, paragraph := range strings.Split(text, "\n\n") {
		if strings.TrimSpace(paragraph) == "" {
			continue
		}
		r, err := parseRecord(paragraph)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	if len(records) == 0 {
		return nil, errcode.AptFailed.Errorf("apt has no record; run apt-get update")
	}
	return records, nil
}

func parseRecord(text string) (Record, error) {
	fields := Record{}
	for _, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == ' ' || line[0] == '\t' {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, errcode.AptRecord.Errorf("apt's record: line %q: want NAME: VALUE", line)
		}
		fields[name] = strings.TrimSpace(value)
	}
	for _, name := range []string{"Package", "Version"} {
		if fields[name] == "" {
			return nil, errcode.AptRecord.Errorf("apt's record lacks %s", name)
		}
	}
	return fields, nil
}

// Package returns what a lock has of a record. One without what a lock needs is an error.
func (r Record) Package() (Package, error) {
	// The record of a package that is installed, but no longer in an archive, does not have these.
	for _, name := range []string{"Filename", "SHA256", "Size"} {
		if r[name] == "" {
			return Package{}, errcode.AptRecord.Errorf("apt's record of version %s lacks %s; run apt-get update, or name another with NAME=VERSION", r["Version"], name)
		}
	}
	if !strings.HasPrefix(r["Filename"], "pool/") {
		return Package{}, errcode.AptRecord.Errorf("apt's record: Filename %q: want pool/…", r["Filename"])
	}
	size, err := strconv.ParseInt(r["Size"], 10, 64)
	if err != nil {
		return Package{}, errcode.AptRecord.Errorf("apt's record: Size: %w", err)
	}
	return Package{Name: r["Package"], Version: r["Version"], Path: r["Filename"], SHA256: r["SHA256"], Size: size}, nil
}

// Depends returns the names of the packages that a record depends on, without versions, and of alternatives the first.
func (r Record) Depends() []string {
	var names []string
	for _, clause := range strings.Split(r["Depends"], ",") {
		first, _, _ := strings.Cut(clause, "|")
		if fields := strings.Fields(first); len(fields) > 0 {
			name, _, _ := strings.Cut(fields[0], ":")
			names = append(names, name)
		}
	}
	return names
}
