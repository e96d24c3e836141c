// SPDX-License-Identifier: Apache-2.0

package version

import (
	"os"
	"strings"
	"testing"
)

// The programs report the version of the module, which is that of a release.
func TestNumber(t *testing.T) {
	for file, want := range map[string]string{
		"../../MODULE.bazel":                   "    name = \"rules_hyp\",\n    version = \"" + Number + "\",\n",
		"../../tools/release/dist/BUILD.bazel": "\nVERSION = \"" + Number + "\"\n",
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("%s has another version than %s", file, Number)
		}
	}
	if got := Text("hyplink"); got != "hyplink (rules_hyp) "+Number {
		t.Errorf("Text is %q", got)
	}
}
