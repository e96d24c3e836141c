// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/program"
)

// What `bazel run //toolchain/hyplink` runs is the registered hyplink.
func TestResolved(t *testing.T) {
	want := program.Must(t, ".", program.File(t, "HYPLINK"), "--version")
	if got := program.Must(t, ".", program.File(t, "RESOLVED"), "--version"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
