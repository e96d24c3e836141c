// SPDX-License-Identifier: Apache-2.0

package version

import "testing"

func TestText(t *testing.T) {
	if got := Text("hyplink"); got != "hyplink (rules_hyp) "+Number {
		t.Errorf("Text is %q", got)
	}
}
