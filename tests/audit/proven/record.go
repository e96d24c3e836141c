// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/image"
	"github.com/rules-hyp/rules_hyp/internal/vmlinuz"
)

// Record is what the audit of one kernel package found.
type Record struct {
	// Kernel is the version in //kernels; Flavour is that of the package.
	Kernel  string `json:"kernel"`
	Flavour string `json:"flavour"`
	// Package and Version name the Debian package, SHA256 is its digest.
	Package string `json:"package"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
	// Once says that no test repeats the audit, as the package is not pinned.
	Once bool `json:"once,omitempty"`
	// Suite is what --suite of the command that repeats the audit has; empty for none.
	Suite string `json:"suite,omitempty"`
	// Object is the digest of the hyp.o of //kernels, Compilers are those that it says it was made by.
	Object    string   `json:"object_sha256"`
	Compilers []string `json:"compilers"`

	Proven          bool `json:"proven"`
	Functions       int  `json:"functions"`
	FunctionsProven int  `json:"functions_proven"`
	// Bytes of the object's sections, by what the audit says of them, and relocations among them.
	BytesProven    uint64 `json:"bytes_proven"`
	BytesSolved    uint64 `json:"bytes_solved"`
	BytesDifferent uint64 `json:"bytes_different"`
	Relocations    int    `json:"relocations"`
}

// input is a kernel to audit. Names of files are relative to the working directory.
type input struct {
	kernel, flavour     string
	lock, object, image string
	// Of a package that is not pinned, instead of a lock.
	name, version, suite string
}

// parseInput parses KERNEL,FLAVOUR,LOCK,OBJECT,IMAGE.
func parseInput(text string) (input, error) {
	f := strings.Split(text, ",")
	if len(f) != 5 || slices.Contains(f, "") {
		return input{}, fmt.Errorf("got %q, want KERNEL,FLAVOUR,LOCK,OBJECT,IMAGE", text)
	}
	return input{kernel: f[0], flavour: f[1], lock: f[2], object: f[3], image: f[4]}, nil
}

// parseOnce parses KERNEL,FLAVOUR,PACKAGE,VERSION,OBJECT,IMAGE[,SUITE].
func parseOnce(text string) (input, error) {
	f := strings.Split(text, ",")
	if len(f) < 6 || len(f) > 7 || slices.Contains(f, "") {
		return input{}, fmt.Errorf("got %q, want KERNEL,FLAVOUR,PACKAGE,VERSION,OBJECT,IMAGE[,SUITE]", text)
	}
	in := input{kernel: f[0], flavour: f[1], name: f[2], version: f[3], object: f[4], image: f[5]}
	if len(f) == 7 {
		in.suite = f[6]
	}
	return in, nil
}

// abiName is the name of a kernel's interface, which is before the flavour: 6.1.0-50, 6.12.117+deb13.
var abiName = regexp.MustCompile(`^[0-9.]+([+~][0-9a-z.+~]+)?(-[0-9]+)?$`)

// identify returns the package of an image. One that is not pinned has to have the banner of the given version, flavour and name.
func (in *input) identify(sum, banner string) (pinned, error) {
	if in.lock != "" {
		return lookUp(in.lock, sum)
	}
	release, rest, _ := strings.Cut(strings.TrimPrefix(banner, "Linux version "), " ")
	abi, isFlavour := strings.CutSuffix(release, "-"+in.flavour)
	named := strings.HasSuffix(in.name, "-"+release) && strings.HasPrefix(release, in.kernel+".")
	if !named || !isFlavour || !abiName.MatchString(abi) || !strings.Contains(rest, " Debian "+in.version+" ") {
		return pinned{}, fmt.Errorf("%s: has the banner %q, want that of %s %s, of Linux %s, flavour %s", in.image, banner, in.name, in.version, in.kernel, in.flavour)
	}
	return pinned{Name: in.name, Version: in.version, SHA256: sum}, nil
}

// pinned is a package in a lock; rules/private/debian.bzl describes the format.
type pinned struct{ Name, Version, SHA256 string }

// lookUp returns the package of a lock with the digest of a file.
func lookUp(lock, digest string) (pinned, error) {
	data, err := os.ReadFile(lock)
	if err != nil {
		return pinned{}, err
	}
	var packages struct{ Packages []pinned }
	if err := json.Unmarshal(data, &packages); err != nil {
		return pinned{}, fmt.Errorf("%s: %w", lock, err)
	}
	for _, p := range packages.Packages {
		if p.SHA256 == digest {
			return p, nil
		}
	}
	return pinned{}, fmt.Errorf("%s: no package has the SHA-256 %s; it is not the lock of the image", lock, digest)
}

// audit audits a kernel.
func audit(in input) (Record, error) {
	object, _, err := elfobj.ReadFile(in.object)
	if err != nil {
		return Record{}, err
	}
	objectData, err := os.ReadFile(in.object)
	if err != nil {
		return Record{}, err
	}
	data, err := os.ReadFile(in.image)
	if err != nil {
		return Record{}, err
	}
	kernel, err := vmlinuz.Open(in.image, data)
	if err != nil {
		return Record{}, err
	}
	r, err := image.Run(object, kernel, image.Options{SymbolsName: in.image})
	if err != nil {
		return Record{}, err
	}
	p, err := in.identify(digest(data), r.Banner)
	if err != nil {
		return Record{}, err
	}
	record := Record{
		Kernel: in.kernel, Flavour: in.flavour,
		Package: p.Name, Version: p.Version, SHA256: p.SHA256, Once: in.lock == "", Suite: in.suite,
		Object: digest(objectData), Compilers: r.Compilers,
		Proven: r.Proven, Functions: r.Functions, FunctionsProven: r.FunctionsProven,
	}
	for _, s := range r.Sections {
		record.BytesProven += s.Proven
		record.BytesSolved += s.Solved
		record.BytesDifferent += s.Different
		record.Relocations += s.Relocations
	}
	return record, nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// auditAll audits kernels one after the other, so that one unpacked image at a time is in memory.
func auditAll(inputs []input) ([]Record, error) {
	var records []Record
	for _, in := range inputs {
		r, err := audit(in)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

// read reads the records of a file.
func read(name string) ([]Record, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var records []Record
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&records); err != nil {
		return nil, fmt.Errorf("%s: %w; correct it, or write it again with bazel run //tests/audit/proven", name, err)
	}
	return records, nil
}

// encode returns the contents of a file with the records.
func encode(records []Record) ([]byte, error) {
	text, err := json.MarshalIndent(records, "", "  ")
	return append(text, '\n'), err
}

// merge returns old records with fresh ones added. A fresh record replaces that of the same version of a package, but one that was made once does not replace that of
// a pinned package, which a test repeats; records of other versions stay.
func merge(old, fresh []Record) []Record {
	merged := slices.Clone(old)
	for _, r := range fresh {
		same := func(o Record) bool { return o.Package == r.Package && o.Version == r.Version }
		if r.Once && slices.ContainsFunc(merged, func(o Record) bool { return same(o) && !o.Once }) {
			continue
		}
		merged = append(slices.DeleteFunc(merged, same), r)
	}
	slices.SortFunc(merged, func(a, b Record) int {
		return cmp.Or(compareVersions(a.Version, b.Version), cmp.Compare(a.Package, b.Package))
	})
	return merged
}
