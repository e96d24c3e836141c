// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/version"
)

// noAssertion is the name of a license that is not known, as SPDX has it.
const noAssertion = "NOASSERTION"

// SBOM returns the CycloneDX bill of materials of a graph, as JSON: what its subjects
// contain code of, and the packages and programs that they were made with. A Go program in
// them has the modules that it is linked from. The serial number is made from the contents,
// so that the same graph gives the same bytes.
func SBOM(g *Graph, finished time.Time) ([]byte, error) {
	if len(g.Subjects) == 0 {
		return nil, errcode.OutputUnmade.Errorf("%s: no output to make a bill of materials of", g.Target)
	}
	programs, err := g.goPrograms()
	if err != nil {
		return nil, err
	}
	b := &bill{seen: map[string]bool{}}
	main := b.main(g, programs)
	for i := range g.Deps {
		c := component(&g.Deps[i])
		b.add(main, &c)
	}
	bom := cdx.NewBOM()
	bom.SpecVersion = cdx.SpecVersion1_6
	bom.JSONSchema = "http://cyclonedx.org/schema/bom-1.6.schema.json"
	bom.Metadata = &cdx.Metadata{
		Component: &main.Component,
		Tools: &cdx.ToolsChoice{Components: &[]cdx.Component{{
			Type: cdx.ComponentTypeApplication, Name: "hypaudit", Version: version.Number,
		}}},
	}
	if !finished.IsZero() {
		bom.Metadata.Timestamp = finished.UTC().Format(time.RFC3339)
	}
	bom.Components = &b.components
	bom.Dependencies = b.dependencies()
	body, err := encodeBOM(bom)
	if err != nil {
		return nil, err
	}
	bom.SerialNumber = serial(body)
	return encodeBOM(bom)
}

// bill is a bill of materials in progress.
type bill struct {
	components []cdx.Component
	seen       map[string]bool
	users      []*user
}

// user is a component that has others in it.
type user struct {
	cdx.Component
	uses []string
	used map[string]bool
}

// user adds a component that has others in it.
func (b *bill) user(c cdx.Component) *user {
	u := &user{Component: c, uses: []string{}, used: map[string]bool{c.BOMRef: true}}
	b.users = append(b.users, u)
	b.seen[c.BOMRef] = true
	return u
}

// add adds a component, unless it is there, and that another one has it.
func (b *bill) add(u *user, c *cdx.Component) {
	if u.used[c.BOMRef] {
		return
	}
	u.used[c.BOMRef] = true
	u.uses = append(u.uses, c.BOMRef)
	if !b.seen[c.BOMRef] {
		b.seen[c.BOMRef] = true
		b.components = append(b.components, *c)
	}
}

// main returns what the bill is of: the subject, or the target if it has several, which are
// components then. Their programs are added.
func (b *bill) main(g *Graph, programs []goProgram) *user {
	var main *user
	if len(g.Subjects) > 1 {
		main = b.user(cdx.Component{BOMRef: "target:" + g.Target, Type: cdx.ComponentTypeApplication, Name: g.Target})
	}
	for _, f := range g.Subjects {
		kind := cdx.ComponentTypeFirmware
		switch {
		case slices.ContainsFunc(programs, func(p goProgram) bool { return p.SHA256 == f.SHA256 }):
			kind = cdx.ComponentTypeApplication
		case main != nil:
			kind = cdx.ComponentTypeFile
		}
		c := fileComponent(f, kind)
		if main != nil {
			b.add(main, &c)
		}
		u := b.user(c)
		if main == nil {
			main = u
		}
		for _, p := range g.programsIn(f, programs) {
			b.program(u, &p)
		}
	}
	return main
}

// program adds a program with its modules to what it is in, which may be itself.
func (b *bill) program(in *user, p *goProgram) {
	u := in
	if (*in.Hashes)[0].Value != p.SHA256 {
		c := fileComponent(p.File, cdx.ComponentTypeApplication)
		c.Scope = cdx.ScopeRequired
		known := b.seen[c.BOMRef]
		if b.add(in, &c); known {
			return
		}
		u = b.user(c)
	}
	for _, m := range p.Packages {
		c := component(&Dependency{File: File{Name: m.Name}, Kind: KindPackage, Repository: m.Repository, Package: m})
		b.add(u, &c)
	}
}

func (b *bill) dependencies() *[]cdx.Dependency {
	var all []cdx.Dependency
	for _, u := range b.users {
		all = append(all, cdx.Dependency{Ref: u.BOMRef, Dependencies: &u.uses})
	}
	return &all
}

func encodeBOM(bom *cdx.BOM) ([]byte, error) {
	var out bytes.Buffer
	err := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).EncodeVersion(bom, cdx.SpecVersion1_6)
	return out.Bytes(), err
}

// serial is a UUID of version 8 (RFC 9562) with bits of the contents' SHA-256.
func serial(body []byte) string {
	sum := sha256.Sum256(body)
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	h := hex.EncodeToString(sum[:16])
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func fileComponent(f File, kind cdx.ComponentType) cdx.Component {
	return cdx.Component{BOMRef: "file:" + f.Name, Type: kind, Name: f.Name, Hashes: hashes(f.SHA256)}
}

func hashes(sha256 string) *[]cdx.Hash {
	return &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: sha256}}
}

func component(d *Dependency) cdx.Component {
	c := fileComponent(d.File, cdx.ComponentTypeFile)
	if p := d.Package; p != nil {
		c.BOMRef, c.Type, c.Version, c.PackageURL = p.purl(), cdx.ComponentTypeLibrary, p.Version, p.purl()
	}
	linked := d.Package != nil && d.Package.isGo()
	// Its code is in the object; the others only made it.
	if d.Kind == KindSource || d.Kind == KindHeader || linked {
		c.Scope = cdx.ScopeRequired
	} else {
		c.Scope = cdx.ScopeExcluded
	}
	properties := []cdx.Property{{Name: "rules_hyp:kind", Value: d.Kind}}
	if d.Repository != "" {
		properties = append(properties, cdx.Property{Name: "rules_hyp:repository", Value: d.Repository})
	}
	if d.Package != nil && d.Package.Patched {
		properties = append(properties, cdx.Property{Name: "rules_hyp:patched", Value: "true"})
	}
	if linked {
		c.Hashes, c.Licenses = nil, licenses(d.Package.License)
		// CycloneDX has no algorithm for it: it is not the SHA-256 of a file.
		if d.Package.Sum != "" {
			properties = append(properties, cdx.Property{Name: "rules_hyp:go.sum", Value: d.Package.Sum})
		}
	}
	c.Properties = &properties
	return c
}

// licenses returns what a module's license files say; an expression has several.
func licenses(expression string) *cdx.Licenses {
	switch {
	case expression == "":
		return &cdx.Licenses{{License: &cdx.License{Name: noAssertion}}}
	case strings.Contains(expression, " "):
		return &cdx.Licenses{{Expression: expression}}
	}
	return &cdx.Licenses{{License: &cdx.License{ID: expression}}}
}
