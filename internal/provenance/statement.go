// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"bytes"
	"encoding/json"
	"time"

	slsa "github.com/in-toto/attestation/go/predicates/provenance/v1"
	intoto "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/version"
)

// Types of what this package writes, and accepts.
const (
	StatementType = intoto.StatementTypeUri
	PredicateType = "https://slsa.dev/provenance/v1"
	// BuildType says what the parameters mean: docs/attest.md.
	BuildType = "https://github.com/rules-hyp/rules_hyp/attest/actions/v1"
	// DefaultBuilder is the builder of a statement that nobody gave another.
	DefaultBuilder = "https://github.com/rules-hyp/rules_hyp/attest/local"
)

// Names of byproducts.
const (
	auditName = "hypaudit"
	sbomName  = "sbom.cdx.json"
)

// Options are what a statement may say besides the graph.
type Options struct {
	Builder  string    // URI of who built; empty for DefaultBuilder
	Finished time.Time // zero: not said
	Audit    []byte    // the JSON report of an audit; nil: none
	SBOM     []byte    // the bill of materials; nil: none
}

// Make returns the statement of a graph. Its bytes depend on the graph and the options
// only.
func Make(g *Graph, opts Options) ([]byte, error) {
	p, err := predicate(g, opts)
	if err != nil {
		return nil, err
	}
	s := &intoto.Statement{Type: StatementType, PredicateType: PredicateType}
	for _, f := range g.Subjects {
		s.Subject = append(s.Subject, descriptor(f))
	}
	return marshal(s, p)
}

// marshal writes a statement with a predicate, after checking both.
func marshal(s *intoto.Statement, p *slsa.Provenance) ([]byte, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	text, err := protojson.Marshal(p)
	if err != nil {
		return nil, err
	}
	s.Predicate = &structpb.Struct{}
	if err := protojson.Unmarshal(text, s.Predicate); err != nil {
		return nil, err
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if text, err = protojson.Marshal(s); err != nil {
		return nil, err
	}
	// protojson puts blanks where it likes, and differently in each program.
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// Indent returns a statement for people to read: the same JSON with line ends.
func Indent(statement []byte) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, statement, "", " "); err != nil {
		return statement
	}
	out.WriteByte('\n')
	return out.Bytes()
}

func predicate(g *Graph, opts Options) (*slsa.Provenance, error) {
	external, err := structpb.NewStruct(map[string]any{"target": g.Target})
	if err != nil {
		return nil, err
	}
	parameters := map[string]any{"actions": stepValues(g.Steps)}
	if k := g.Kernel; k != nil {
		parameters["kernel"] = map[string]any{"package": k.Name, "version": k.Version, "path": k.Path, "sha256": k.SHA256, "repository": k.Repository, "patched": k.Patched}
	}
	internal, err := structpb.NewStruct(parameters)
	if err != nil {
		return nil, errcode.StatementContents.Errorf("a command or path is not UTF-8: %w", err)
	}
	p := &slsa.Provenance{
		BuildDefinition: &slsa.BuildDefinition{BuildType: BuildType, ExternalParameters: external, InternalParameters: internal},
		RunDetails:      &slsa.RunDetails{Builder: &slsa.Builder{Id: DefaultBuilder, Version: map[string]string{"rules_hyp": version.Number}}},
	}
	for i := range g.Deps {
		d, err := dependencyDescriptor(&g.Deps[i])
		if err != nil {
			return nil, err
		}
		p.BuildDefinition.ResolvedDependencies = append(p.BuildDefinition.ResolvedDependencies, d)
	}
	return p, amend(p, g.Subjects, opts)
}

// amend adds what the options say.
func amend(p *slsa.Provenance, subjects []File, opts Options) error {
	if opts.Builder != "" {
		p.RunDetails.Builder.Id = opts.Builder
	}
	if !opts.Finished.IsZero() {
		p.RunDetails.Metadata = &slsa.BuildMetadata{FinishedOn: timestamppb.New(opts.Finished)}
	}
	if opts.Audit != nil {
		d, err := auditDescriptor(opts.Audit)
		if err != nil {
			return err
		}
		if report, err := readAudit(opts.Audit); err != nil || report.isOf(subjects) != "" {
			return errcode.AuditReport.Errorf("%s; audit the object that the statement is of", report.isOf(subjects))
		}
		p.RunDetails.Byproducts = append(p.RunDetails.Byproducts, d)
	}
	if opts.SBOM != nil {
		d := descriptor(File{sbomName, sha256Hex(opts.SBOM)})
		d.MediaType = "application/vnd.cyclonedx+json"
		p.RunDetails.Byproducts = append(p.RunDetails.Byproducts, d)
	}
	return nil
}

func descriptor(f File) *intoto.ResourceDescriptor {
	return &intoto.ResourceDescriptor{Name: f.Name, Digest: map[string]string{"sha256": f.SHA256}}
}

func dependencyDescriptor(d *Dependency) (*intoto.ResourceDescriptor, error) {
	r := descriptor(d.File)
	notes := map[string]any{"kind": d.Kind}
	if d.Repository != "" {
		notes["repository"] = d.Repository
	}
	if p := d.Package; p != nil {
		r.Uri = p.purl()
		notes["version"] = p.Version
		if p.isGo() {
			p.describe(r, notes)
		} else {
			notes["path"] = p.Path
		}
		if p.Patched {
			notes["patched"] = true
		}
	}
	var err error
	r.Annotations, err = structpb.NewStruct(notes)
	return r, err
}

func stepValues(steps []Step) []any {
	values := make([]any, len(steps))
	for i := range steps {
		s := &steps[i]
		outputs := map[string]any{}
		for _, f := range s.Outputs {
			outputs[f.Name] = f.SHA256
		}
		v := map[string]any{"mnemonic": s.Mnemonic, "target": s.Target, "command": list(s.Command), "inputs": list(s.Inputs), "outputs": outputs}
		if len(s.Env) > 0 {
			env := map[string]any{}
			for name, value := range s.Env {
				env[name] = value
			}
			v["environment"] = env
		}
		if s.Headers > 0 {
			v["headers"] = map[string]any{"count": float64(s.Headers), "dirHash": s.HeadersHash}
		}
		values[i] = v
	}
	return values
}

func list(words []string) []any {
	values := make([]any, len(words))
	for i, w := range words {
		values[i] = w
	}
	return values
}
