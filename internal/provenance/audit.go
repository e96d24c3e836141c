// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"encoding/json"

	intoto "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// maxAudit is how large the report of an audit may be, in bytes.
const maxAudit = 8 << 20

// auditDescriptor returns the byproduct with the report of an audit: of
// `hypaudit image --json`, or another one that says whether it proved something in a
// field `proven`. A report of a failure is one like any other.
func auditDescriptor(report []byte) (*intoto.ResourceDescriptor, error) {
	if len(report) > maxAudit {
		return nil, errcode.AuditReport.Errorf("the audit's report has %d bytes, of which %d are allowed", len(report), maxAudit)
	}
	var r struct {
		Proven *bool
		Banner string
	}
	if err := json.Unmarshal(report, &r); err != nil {
		return nil, errcode.AuditReport.Errorf("the audit's report is no JSON: %v; give what hypaudit image --json printed", err)
	}
	if r.Proven == nil {
		return nil, errcode.AuditReport.Errorf("the audit's report has no field `proven`; give what hypaudit image --json printed")
	}
	notes := map[string]any{"proven": *r.Proven}
	if r.Banner != "" {
		notes["banner"] = r.Banner
	}
	annotations, err := structpb.NewStruct(notes)
	if err != nil {
		return nil, err
	}
	d := descriptor(File{auditName, sha256Hex(report)})
	d.MediaType, d.Content, d.Annotations = "application/json", report, annotations
	return d, nil
}
