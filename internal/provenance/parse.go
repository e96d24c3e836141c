// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	slsa "github.com/in-toto/attestation/go/predicates/provenance/v1"
	intoto "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/rules-hyp/rules_hyp/internal/dsse"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Causes why a statement is not accepted. They are part of hypaudit's output.
const (
	CauseMalformed     = "malformed statement"
	CauseStatementType = "unknown statement type"
	CausePredicateType = "unknown predicate type"
	CauseBuildType     = "unknown build type"
	CauseBuilder       = "another builder"
	CauseTarget        = "another target"
	CauseOutput        = "another output"
	CauseBuild         = "another build"
	CauseMissing       = "missing input"
	CauseExtra         = "extra input"
	CauseChanged       = "changed input"
	CauseAction        = "another action"
	CauseAudit         = "failed audit"
	CauseNoAudit       = "no audit"
	CauseSBOM          = "another bill of materials"
	CauseImage         = "another hypervisor"
	CauseSigned        = "signed"
)

// Fault is something that does not match.
type Fault struct {
	Cause  string // one of the constants, or of package dsse
	Detail string
}

func (f *Fault) Error() string { return f.Cause + ": " + f.Detail }

// ErrorCode returns the kind of the error, which follows from its cause.
func (f *Fault) ErrorCode() errcode.Code {
	switch f.Cause {
	case CauseBuilder, CauseTarget, CauseOutput:
		return errcode.SubjectDiffers
	case CauseBuild:
		return errcode.BuildDiffers
	case CauseMissing, CauseExtra, CauseChanged, CauseAction:
		return errcode.InputsDiffer
	case CauseAudit, CauseNoAudit:
		return errcode.AuditFailed
	case CauseSBOM:
		return errcode.BillDiffers
	case CauseImage:
		return errcode.ImageDiffers
	case CauseSigned:
		return errcode.SignatureUnchecked
	case CauseMalformed, CauseStatementType, CausePredicateType, CauseBuildType:
		return errcode.StatementMalformed
	}
	return (&dsse.Fault{Cause: f.Cause}).ErrorCode()
}

// Statement is a statement that was read.
type Statement struct {
	Graph   Graph // without Env and Command of packages; as far as the statement has it
	Builder string
	Audit   *Audit // the report of an audit; or nil
	SBOM    string // the SHA-256 of the bill of materials; or empty

	statement *intoto.Statement
	predicate *slsa.Provenance
}

// Audit is the report of an audit in a statement.
type Audit struct {
	Proven bool
	Banner string // of the kernel that was audited
	Report []byte
}

// Parse reads a statement. An error is a [*Fault].
func Parse(data []byte) (*Statement, error) {
	s := &Statement{statement: &intoto.Statement{}, predicate: &slsa.Provenance{}}
	// The types come first: a statement of another type may have any other fields.
	var types struct {
		Type          string `json:"_type"`
		PredicateType string `json:"predicateType"`
		Predicate     json.RawMessage
	}
	if err := json.Unmarshal(data, &types); err != nil {
		return nil, malformed("%v", err)
	}
	switch {
	case types.Type != StatementType:
		return nil, &Fault{CauseStatementType, fmt.Sprintf("%q, want %q", types.Type, StatementType)}
	case types.PredicateType != PredicateType:
		return nil, &Fault{CausePredicateType, fmt.Sprintf("%q, want %q", types.PredicateType, PredicateType)}
	}
	if err := protojson.Unmarshal(data, s.statement); err != nil {
		return nil, malformed("%s", plain(err))
	}
	if err := s.statement.Validate(); err != nil {
		return nil, malformed("%v", err)
	}
	if err := protojson.Unmarshal(types.Predicate, s.predicate); err != nil {
		return nil, malformed("predicate: %s", plain(err))
	}
	if t := s.predicate.GetBuildDefinition().GetBuildType(); t != BuildType {
		return nil, &Fault{CauseBuildType, fmt.Sprintf("%q, want %q", t, BuildType)}
	}
	if err := s.predicate.Validate(); err != nil {
		return nil, malformed("%v", err)
	}
	return s, s.read()
}

// plain is protojson's error without the blank that it makes unlike those of other
// programs.
func plain(err error) string { return strings.ReplaceAll(err.Error(), "\u00a0", " ") }

func malformed(format string, args ...any) *Fault {
	return &Fault{CauseMalformed, fmt.Sprintf(format, args...)}
}

// read takes what is checked out of the messages.
func (s *Statement) read() error {
	g := &s.Graph
	for _, r := range s.statement.Subject {
		f, err := fileOf(r)
		if err != nil {
			return err
		}
		g.Subjects = append(g.Subjects, f)
	}
	definition := s.predicate.BuildDefinition
	g.Target = definition.ExternalParameters.GetFields()["target"].GetStringValue()
	if g.Target == "" || g.Target != CanonicalLabel(g.Target) {
		return malformed("the target %q is no label", g.Target)
	}
	for _, r := range definition.ResolvedDependencies {
		d, err := dependencyOf(r)
		if err != nil {
			return err
		}
		if d.Package != nil && d.Package.isKernel(g.Kernel) {
			g.Kernel = d.Package
		}
		g.Deps = append(g.Deps, d)
	}
	if err := s.readSteps(); err != nil {
		return err
	}
	if err := s.checkOnce(); err != nil {
		return err
	}
	s.Builder = s.predicate.RunDetails.Builder.Id
	return s.readByproducts()
}

// checkOnce refuses a statement that says something twice, of which a reader may take one
// and another reader the other; and one whose kernel is not among its packages.
func (s *Statement) checkOnce() error {
	g := &s.Graph
	if len(byName(g.Deps)) != len(g.Deps) {
		return malformed("it has a dependency twice")
	}
	outputs := map[string]bool{}
	for i := range g.Steps {
		for _, f := range g.Steps[i].Outputs {
			if outputs[f.Name] {
				return malformed("two actions make %s", f.Name)
			}
			outputs[f.Name] = true
		}
	}
	subjects := map[string]bool{}
	for _, f := range g.Subjects {
		if subjects[f.Name] {
			return malformed("the output %s is there twice", f.Name)
		}
		subjects[f.Name] = true
	}
	said := s.predicate.BuildDefinition.InternalParameters.GetFields()["kernel"].GetStructValue().GetFields()
	switch k := g.Kernel; {
	case (k == nil) != (said == nil):
		return malformed("its kernel is not one of its packages")
	case k != nil && (said["package"].GetStringValue() != k.Name || said["version"].GetStringValue() != k.Version || said["sha256"].GetStringValue() != k.SHA256 ||
		said["repository"].GetStringValue() != k.Repository):
		return malformed("its kernel is not the package %s", k.Name)
	}
	return nil
}

func dependencyOf(r *intoto.ResourceDescriptor) (Dependency, error) {
	notes := r.Annotations.GetFields()
	d := Dependency{Kind: notes["kind"].GetStringValue(), Repository: notes["repository"].GetStringValue()}
	if d.Kind == KindPackage && strings.HasPrefix(r.GetUri(), golangURL) {
		p, err := goPackageOf(r)
		d.Name, d.Package = r.GetName(), p
		return d, err
	}
	var err error
	d.File, err = fileOf(r)
	switch {
	case err != nil:
	case !slices.Contains([]string{KindSource, KindHeader, KindCompiler, KindTool, KindGenerated, KindFile, KindPackage}, d.Kind):
		err = malformed("%s: what kind of dependency it is, %q, is not known", d.Name, d.Kind)
	case d.Kind != KindPackage && d.Repository != repositoryOf(d.Name):
		err = malformed("%s: the repository %q is not that of its path", d.Name, d.Repository)
	case d.Kind == KindPackage && (notes["version"].GetStringValue() == "" || notes["path"].GetStringValue() == ""):
		err = malformed("%s: a package without a version or a path", d.Name)
	}
	if err == nil && d.Kind == KindPackage {
		d.Package = &Package{
			Name: d.Name, Version: notes["version"].GetStringValue(), Path: notes["path"].GetStringValue(),
			SHA256: d.SHA256, Repository: d.Repository, Patched: notes["patched"].GetBoolValue(),
		}
	}
	return d, err
}

func fileOf(r *intoto.ResourceDescriptor) (File, error) {
	f := File{r.GetName(), r.GetDigest()["sha256"]}
	if f.Name == "" || !hexDigest.MatchString(f.SHA256) {
		return f, malformed("%q has no name or no SHA-256", f.Name)
	}
	if strings.ContainsAny(f.Name, "\n\x00") { // a directory's hash is of lines with names
		return f, malformed("the name %q has a line end", f.Name)
	}
	return f, nil
}

func (s *Statement) readByproducts() error {
	for _, r := range s.predicate.RunDetails.Byproducts {
		f, err := fileOf(r)
		if err != nil {
			return err
		}
		switch f.Name {
		case auditName:
			want, err := auditDescriptor(r.Content)
			switch {
			case s.Audit != nil:
				return malformed("it has two audits")
			case err != nil:
				return malformed("%v", err)
			case want.Digest["sha256"] != f.SHA256:
				return malformed("the audit's report does not have its digest")
			}
			if report, err := readAudit(r.Content); err != nil || report.isOf(s.Graph.Subjects) != "" {
				return malformed("%s", report.isOf(s.Graph.Subjects))
			}
			notes := want.Annotations.Fields
			s.Audit = &Audit{notes["proven"].GetBoolValue(), notes["banner"].GetStringValue(), r.Content}
			if a := r.Annotations.GetFields()["proven"]; a.GetBoolValue() != s.Audit.Proven {
				return malformed("the audit's summary contradicts its report")
			}
		case sbomName:
			if s.SBOM != "" {
				return malformed("it has two bills of materials")
			}
			s.SBOM = f.SHA256
		}
	}
	return nil
}

// step is an action in the JSON of a statement.
type step struct {
	Mnemonic, Target string
	Command          []string
	Environment      map[string]string
	Inputs           []string
	Headers          struct {
		Count   int
		DirHash string
	}
	Outputs map[string]string
}

// stepFields are the names of the fields of a step.
var stepFields = []string{"mnemonic", "target", "command", "environment", "inputs", "headers", "outputs"}

func (s *Statement) readSteps() error {
	value := s.predicate.BuildDefinition.InternalParameters.GetFields()["actions"]
	if value == nil {
		return malformed("it has no actions")
	}
	text, err := protojson.Marshal(value)
	if err != nil {
		return malformed("actions: %v", err)
	}
	var steps []step
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&steps); err != nil {
		return malformed("actions: %v", err)
	}
	// Names count as they are written, and encoding/json takes Command for command.
	for _, v := range value.GetListValue().GetValues() {
		for name := range v.GetStructValue().GetFields() {
			if !slices.Contains(stepFields, name) {
				return malformed("actions: unknown field %q", name)
			}
		}
		for name := range v.GetStructValue().GetFields()["headers"].GetStructValue().GetFields() {
			if name != "count" && name != "dirHash" {
				return malformed("actions: unknown field %q of headers", name)
			}
		}
	}
	for _, v := range steps {
		r := Step{Mnemonic: v.Mnemonic, Target: v.Target, Command: v.Command, Env: v.Environment, Inputs: v.Inputs, Headers: v.Headers.Count, HeadersHash: v.Headers.DirHash}
		if r.Headers == 0 {
			r.HeadersHash = emptyDigest
		}
		for name, digest := range v.Outputs {
			r.Outputs = append(r.Outputs, File{name, digest})
		}
		if len(r.Outputs) == 0 {
			return malformed("an action without outputs")
		}
		slices.SortFunc(r.Outputs, compareFiles)
		s.Graph.Steps = append(s.Graph.Steps, r)
	}
	return nil
}

// Amend returns the statement with what the options add. A bill of materials replaces the
// one that it has.
func (s *Statement) Amend(opts Options) ([]byte, error) {
	if opts.Audit != nil && s.Audit != nil {
		return nil, errcode.AuditReport.Errorf("the statement has an audit already; make one without")
	}
	if opts.SBOM != nil {
		details := s.predicate.RunDetails
		details.Byproducts = slices.DeleteFunc(details.Byproducts, func(r *intoto.ResourceDescriptor) bool { return r.Name == sbomName })
	}
	if err := amend(s.predicate, s.Graph.Subjects, opts); err != nil {
		return nil, err
	}
	return marshal(s.statement, s.predicate)
}
