// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"encoding/json"
	"slices"

	intoto "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// maxAudit is how large the report of an audit may be, in bytes.
const maxAudit = 8 << 20

// auditReport is what is read of a report.
type auditReport struct {
	proven bool
	banner string
	object string // the SHA-256 of the object that was audited; "" if the report has none
}

// readAudit reads the report of an audit. The names of its fields count as they are
// written, which encoding/json does not ask for in structs.
func readAudit(report []byte) (r auditReport, err error) {
	const advice = "give what hypaudit image --json printed"
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(report, &fields); err != nil {
		return r, errcode.AuditReport.Errorf("the audit's report is no JSON: %v; %s", err, advice)
	}
	if fields["proven"] == nil {
		return r, errcode.AuditReport.Errorf("the audit's report has no field `proven`; %s", advice)
	}
	for name, value := range map[string]any{"proven": &r.proven, "banner": &r.banner, "object_sha256": &r.object} {
		if fields[name] == nil {
			continue
		}
		if err := json.Unmarshal(fields[name], value); err != nil {
			return r, errcode.AuditReport.Errorf("the audit's report: %s: %v; %s", name, err, advice)
		}
	}
	return r, nil
}

// isOf says why a report is not about one of a statement's outputs, or "". A report
// without a digest says nothing about that.
func (r auditReport) isOf(subjects []File) string {
	if r.object == "" || slices.ContainsFunc(subjects, func(f File) bool { return f.SHA256 == r.object }) {
		return ""
	}
	return "the audit's report is about an object with the digest " + r.object + ", which is no output here"
}

// auditDescriptor returns the byproduct with the report of an audit: of
// `hypaudit image --json`, or another one that says whether it proved something in a
// field `proven`. A report of a failure is one like any other.
func auditDescriptor(report []byte) (*intoto.ResourceDescriptor, error) {
	if len(report) > maxAudit {
		return nil, errcode.AuditReport.Errorf("the audit's report has %d bytes, of which %d are allowed", len(report), maxAudit)
	}
	r, err := readAudit(report)
	if err != nil {
		return nil, err
	}
	notes := map[string]any{"proven": r.proven}
	if r.banner != "" {
		notes["banner"] = r.banner
	}
	annotations, err := structpb.NewStruct(notes)
	if err != nil {
		return nil, err
	}
	d := descriptor(File{auditName, sha256Hex(report)})
	d.MediaType, d.Content, d.Annotations = "application/json", report, annotations
	return d, nil
}
