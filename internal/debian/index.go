// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/ulikunitz/xz"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Pin is a package that is pinned by version and hash only, for apt to find it.
type Pin struct{ Name, Version, SHA256 string }

// ParsePins reads a lock of bazelw: lines with name, version and SHA-256, and comments.
func ParsePins(text string) ([]Pin, error) {
	var pins []Pin
	for i, line := range strings.Split(text, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		words := strings.Fields(line)
		if len(words) != 3 {
			return nil, errcode.LockMalformed.Errorf("line %d: got %q, want NAME VERSION HASH", i+1, line)
		}
		pins = append(pins, Pin{words[0], words[1], words[2]})
	}
	return pins, nil
}

// Index is what a suite has: by name, its versions and their SHA-256.
type Index map[string][]Pin

// Newest returns a package's newest version, or "" if the suite has none.
func (x Index) Newest(name string) string {
	newest := ""
	for _, p := range x[name] {
		if newest == "" || CompareVersions(p.Version, newest) > 0 {
			newest = p.Version
		}
	}
	return newest
}

// Has tells whether the suite has a package in a version with a hash.
func (x Index) Has(p Pin) bool {
	for _, q := range x[p.Name] {
		if p == q {
			return true
		}
	}
	return false
}

// Index downloads the index of a suite's section main for an architecture from an archive; nil if it has no such suite. Signatures are not
// checked: this tells what there is, and what is downloaded is checked against the locks.
func (f *Finder) Index(ctx context.Context, base, suite, arch string) (Index, error) {
	stem := fmt.Sprintf("%s/dists/%s/main/binary-%s/Packages", base, suite, arch)
	for _, ext := range []string{".xz", ".gz", ""} {
		data, err := f.get(ctx, stem+ext)
		if err != nil {
			return nil, err
		}
		if data == nil {
			continue
		}
		x, err := parseIndex(data, ext)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", withoutUser(stem+ext), err)
		}
		return x, nil
	}
	return nil, nil
}

func parseIndex(data []byte, ext string) (Index, error) {
	var reader io.Reader = bytes.NewReader(data)
	var err error
	switch ext {
	case ".xz":
		reader, err = xz.NewReader(reader)
	case ".gz":
		reader, err = gzip.NewReader(reader)
	}
	if err != nil {
		return nil, err
	}
	x := Index{}
	var p Pin
	lines := bufio.NewScanner(reader)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "Package":
			p = Pin{Name: value}
		case "Version":
			p.Version = value
		case "SHA256":
			p.SHA256 = value
			x[p.Name] = append(x[p.Name], p)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(x) == 0 {
		return nil, errcode.IndexMalformed.Errorf("not an index of packages")
	}
	return x, nil
}
