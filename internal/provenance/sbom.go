// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/version"
)

// SBOM returns the CycloneDX bill of materials of a graph, as JSON: what its first
// subject contains code of, and the packages and programs that it was made with. The
// serial number is made from the contents, so that the same graph gives the same bytes.
func SBOM(g *Graph, finished time.Time) ([]byte, error) {
	if len(g.Subjects) == 0 {
		return nil, errcode.OutputUnmade.Errorf("%s: no output to make a bill of materials of", g.Target)
	}
	main := fileComponent(g.Subjects[0], cdx.ComponentTypeFirmware)
	bom := cdx.NewBOM()
	bom.SpecVersion = cdx.SpecVersion1_6
	bom.JSONSchema = "http://cyclonedx.org/schema/bom-1.6.schema.json"
	bom.Metadata = &cdx.Metadata{
		Component: &main,
		Tools: &cdx.ToolsChoice{Components: &[]cdx.Component{{
			Type: cdx.ComponentTypeApplication, Name: "hypaudit", Version: version.Number,
		}}},
	}
	if !finished.IsZero() {
		bom.Metadata.Timestamp = finished.UTC().Format(time.RFC3339)
	}
	components := []cdx.Component{}
	refs := []string{}
	seen := map[string]bool{main.BOMRef: true}
	for i := range g.Deps {
		c := component(&g.Deps[i])
		if seen[c.BOMRef] {
			continue
		}
		seen[c.BOMRef] = true
		components = append(components, c)
		refs = append(refs, c.BOMRef)
	}
	bom.Components = &components
	bom.Dependencies = &[]cdx.Dependency{{Ref: main.BOMRef, Dependencies: &refs}}
	body, err := encodeBOM(bom)
	if err != nil {
		return nil, err
	}
	bom.SerialNumber = serial(body)
	return encodeBOM(bom)
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
	// Its code is in the object; the others only made it.
	if d.Kind == KindSource || d.Kind == KindHeader {
		c.Scope = cdx.ScopeRequired
	} else {
		c.Scope = cdx.ScopeExcluded
	}
	properties := []cdx.Property{{Name: "rules_hyp:kind", Value: d.Kind}}
	if d.Repository != "" {
		properties = append(properties, cdx.Property{Name: "rules_hyp:repository", Value: d.Repository})
	}
	c.Properties = &properties
	return c
}
