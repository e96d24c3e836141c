// SPDX-License-Identifier: Apache-2.0

package dist

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const mainModule = "github.com/rules-hyp/rules_hyp"

// component is one of a bill of materials.
type component struct {
	Ref                       string `json:"bom-ref"`
	Type, Name, Version, Purl string
	Hashes                    []struct{ Alg, Content string }
	Licenses                  []struct {
		License    struct{ ID, Name string }
		Expression string
	}
	Properties []struct{ Name, Value string }
}

type dependency struct {
	Ref       string
	DependsOn []string
}

// bill is a CycloneDX bill of materials.
type bill struct {
	Components   []component
	Dependencies []dependency
}

// uses returns the components that one depends on.
func (b *bill) uses(ref string) []*component {
	var found []*component
	for _, d := range b.Dependencies {
		if d.Ref != ref {
			continue
		}
		for i := range b.Components {
			if slices.Contains(d.DependsOn, b.Components[i].Ref) {
				found = append(found, &b.Components[i])
			}
		}
	}
	return found
}

func (b *bill) byDigest(kind string, data []byte) *component {
	sum := sha256.Sum256(data)
	for i := range b.Components {
		if c := &b.Components[i]; c.Type == kind && len(c.Hashes) == 1 && c.Hashes[0].Content == hex.EncodeToString(sum[:]) {
			return c
		}
	}
	return nil
}

// faults says how the bill differs from what an archive has: the programs, and in each the
// modules and the standard library.
func (b *bill) faults(archive []byte, required map[string]string) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	programs, err := programsIn(archive)
	if err != nil {
		return []string{err.Error()}
	}
	whole := b.byDigest("file", archive)
	if whole == nil {
		return []string{"the archive is no component"}
	}
	inArchive := map[string]bool{}
	for _, c := range b.uses(whole.Ref) {
		inArchive[c.Ref] = true
	}
	if len(inArchive) != len(programs) {
		fault("%d programs, the archive has %d", len(inArchive), len(programs))
	}
	for name, program := range programs {
		c := b.byDigest("application", program)
		if c == nil || !inArchive[c.Ref] {
			fault("%s: is no component of the archive", name)
			continue
		}
		for _, f := range programFaults(b.uses(c.Ref), program, required) {
			fault("%s: %s", name, f)
		}
	}
	return faults
}

// programFaults compares the components of a program with what is in it.
func programFaults(components []*component, program []byte, required map[string]string) []string {
	packages, err := packagesOf(program)
	if err != nil {
		return []string{err.Error()}
	}
	want, err := modulesOf(packages, mainModule, required)
	if err != nil {
		return []string{err.Error()}
	}
	info, err := buildinfo.Read(bytes.NewReader(program))
	if err != nil {
		return []string{err.Error()}
	}
	wanted := map[string]string{"stdlib": strings.TrimPrefix(info.GoVersion, "go")}
	for _, module := range want {
		wanted[module] = required[module]
	}
	var faults []string
	for _, c := range components {
		version, ok := wanted[c.Name]
		switch {
		case !ok:
			faults = append(faults, fmt.Sprintf("the bill has %s, of which there is no function in the program", c.Name))
		case version != c.Version || c.Purl != "pkg:golang/"+strings.ToLower(c.Name)+"@"+version:
			faults = append(faults, fmt.Sprintf("the bill has %s %s as %s, want version %s", c.Name, c.Version, c.Purl, version))
		}
		delete(wanted, c.Name)
	}
	for module := range wanted {
		faults = append(faults, fmt.Sprintf("the program has functions of %s, which is not in the bill", module))
	}
	return faults
}

// programsIn returns the programs in an archive; its other files are pages and scripts.
func programsIn(archive []byte) (map[string][]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	found := map[string][]byte{}
	for r := tar.NewReader(unzipped); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		if strings.Contains(header.Name, "/") || header.Typeflag != tar.TypeReg {
			continue
		}
		if found[header.Name], err = io.ReadAll(r); err != nil {
			return nil, err
		}
	}
}

// input returns the files that a variable of the test names.
func input(t *testing.T, variable string) (files []string) {
	t.Helper()
	for name := range strings.FieldsSeq(os.Getenv(variable)) {
		files = append(files, filepath.Join(os.Getenv("TEST_SRCDIR"), name))
	}
	if len(files) == 0 {
		t.Fatalf("%s is not set; run this by `bazel test`", variable)
	}
	return files
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func readBill(t *testing.T) *bill {
	t.Helper()
	var b bill
	if err := json.Unmarshal(read(t, input(t, "SBOM")[0]), &b); err != nil {
		t.Fatal(err)
	}
	return &b
}

func goMod(t *testing.T) map[string]string {
	t.Helper()
	required, err := requirements(input(t, "GO_MOD")[0])
	if err != nil || len(required) == 0 {
		t.Fatalf("%v, modules %v", err, required)
	}
	return required
}

// Each program of each archive has, in the bill of materials, the modules that it has code of,
// and no others.
func TestPrograms(t *testing.T) {
	b, required, archives := readBill(t), goMod(t), input(t, "ARCHIVES")
	if len(archives) != 4 {
		t.Errorf("%d archives of programs, want 4", len(archives))
	}
	for _, name := range archives {
		for _, f := range b.faults(read(t, name), required) {
			t.Errorf("%s: %s", filepath.Base(name), f)
		}
	}
}

// Each module has the hash of go.sum, and a license where its files have a known one.
func TestModules(t *testing.T) {
	sums := string(read(t, input(t, "GO_SUM")[0]))
	licenses := map[string]string{}
	for _, c := range readBill(t).Components {
		if !strings.HasPrefix(c.Purl, "pkg:golang/") || c.Name == "stdlib" {
			continue
		}
		sum := ""
		for _, p := range c.Properties {
			if p.Name == "rules_hyp:go.sum" {
				sum = p.Value
			}
		}
		if !strings.Contains("\n"+sums, "\n"+c.Name+" "+c.Version+" "+sum+"\n") {
			t.Errorf("%s: the hash %q is not in go.sum", c.Purl, sum)
		}
		if len(c.Licenses) != 1 {
			t.Errorf("%s: %d licenses", c.Purl, len(c.Licenses))
			continue
		}
		licenses[c.Name] = c.Licenses[0].License.ID + c.Licenses[0].License.Name + c.Licenses[0].Expression
	}
	for module, want := range map[string]string{
		"golang.org/x/sys":                  "BSD-3-Clause",
		"github.com/in-toto/attestation":    "Apache-2.0",
		"github.com/CycloneDX/cyclonedx-go": "Apache-2.0",
		// Its file has three licenses, for different parts.
		"github.com/klauspost/compress": "NOASSERTION",
	} {
		if licenses[module] != want {
			t.Errorf("%s has the license %q, want %q", module, licenses[module], want)
		}
	}
}

// A bill that lacks a module, has one too many, or another version, is found out.
func TestFaults(t *testing.T) {
	required, archive := goMod(t), read(t, input(t, "ARCHIVES")[0])
	programs, err := programsIn(archive)
	if err != nil {
		t.Fatal(err)
	}
	const module = "pkg:golang/golang.org/x/sys@"
	for _, test := range []struct {
		name, want string
		change     func(b *bill, d *dependency)
	}{
		{"a module is missing", "has functions of golang.org/x/sys, which is not in the bill", func(b *bill, d *dependency) {
			d.DependsOn = slices.DeleteFunc(d.DependsOn, func(ref string) bool { return strings.HasPrefix(ref, module) })
		}},
		{"a module too many", "the bill has example.com/x, of which there is no function", func(b *bill, d *dependency) {
			b.Components = append(b.Components, component{Ref: "x", Name: "example.com/x"})
			d.DependsOn = append(d.DependsOn, "x")
		}},
		{"another version", "the bill has golang.org/x/sys v0.0.1 ", func(b *bill, d *dependency) {
			for i := range b.Components {
				if c := &b.Components[i]; strings.HasPrefix(c.Ref, module) {
					c.Version = "v0.0.1"
				}
			}
		}},
		{"no standard library", "has functions of stdlib, which is not in the bill", func(b *bill, d *dependency) {
			d.DependsOn = slices.DeleteFunc(d.DependsOn, func(ref string) bool { return strings.HasPrefix(ref, "pkg:golang/stdlib@") })
		}},
	} {
		b := readBill(t)
		program := b.byDigest("application", programs["hypcc"])
		if program == nil {
			t.Fatal("hypcc is no component")
		}
		i := slices.IndexFunc(b.Dependencies, func(d dependency) bool { return d.Ref == program.Ref })
		test.change(b, &b.Dependencies[i])
		if faults := b.faults(archive, required); !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, test.want) }) {
			t.Errorf("%s: %q, want %s", test.name, faults, test.want)
		}
	}
}
