// SPDX-License-Identifier: Apache-2.0

package execlog_test

import (
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
)

// An exit code that is no 32-bit number is not cut to one, which could be 0.
func TestExitCodes(t *testing.T) {
	for code, want := range map[string]bool{"0": true, "1": true, "4294967296": false, "-4294967296": false} {
		log := `{"commandArgs":["gcc"],"exitCode":CODE}`
		if _, err := execlog.Read("log.json", []byte(strings.Replace(log, "CODE", code, 1))); (err == nil) != want {
			t.Errorf("%s: got %v, want accepted %v", code, err, want)
		}
	}
}
