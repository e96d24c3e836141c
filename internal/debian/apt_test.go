// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"strings"
	"testing"
)

func TestSource(t *testing.T) {
	want := "deb [signed-by=" + keyring() + "] file:/mirror trixie main\n"
	if got := source("trixie", "file:/mirror/"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A suite that no mirror has is an error that says what to set.
func TestNoSuchSuite(t *testing.T) {
	t.Setenv(MirrorVariable, "file:"+t.TempDir())
	archives := &Archives{Dir: t.TempDir()}
	if _, err := archives.Show("trixie", "", "a"); err == nil || !strings.Contains(err.Error(), "has the suite trixie; set "+MirrorVariable) {
		t.Errorf("got %v", err)
	}
}
