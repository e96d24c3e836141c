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

// Two lines of a record are about one action only if all that they say of its run is the same.
func TestSharedAction(t *testing.T) {
	const line = `{"command":["gcc"],"env":{"A":"1"},"inputs":["p/a.c"],"outputs":["p/a.o"]}` + "\n"
	for other, want := range map[string]bool{
		line: true,
		strings.Replace(line, `"command"`, `"label":"//q","command"`, 1): true,
		strings.Replace(line, "gcc", "cc", 1):                            false,
		strings.Replace(line, `"1"`, `"2"`, 1):                           false,
		strings.Replace(line, "a.c", "b.c", 1):                           false,
	} {
		if _, err := provenance.FromRecord("record", []byte(line+other), t.TempDir()); (err == nil) != want {
			t.Errorf("%s: got %v, want accepted %v", other, err, want)
		}
	}
}
