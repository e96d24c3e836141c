// SPDX-License-Identifier: Apache-2.0

package provenance_test

import (
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/execlog/execlogtest"
	"github.com/rules-hyp/rules_hyp/internal/provenance"
)

// A report about another object is refused.
func TestAuditOfAnother(t *testing.T) {
	report := `{"proven":true,"object_sha256":"` + execlogtest.Digest("hyp") + `"}`
	other := strings.Replace(report, execlogtest.Digest("hyp"), execlogtest.Digest("other"), 1)
	if _, err := provenance.Make(sources().graph(t), provenance.Options{Audit: []byte(other)}); err == nil || !strings.Contains(err.Error(), "no output here") {
		t.Errorf("got %v, want an error about another object", err)
	}
	for _, bad := range []string{`{"Proven":true}`, `{"proven":"yes"}`, `[]`} {
		if _, err := provenance.Make(sources().graph(t), provenance.Options{Audit: []byte(bad)}); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}
