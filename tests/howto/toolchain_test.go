// SPDX-License-Identifier: Apache-2.0

package howto

import (
	"os"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/program"
)

// The files of docs/own-toolchain.md are those of tests/toolchain/own, which compiles with them.
func TestOwnToolchain(t *testing.T) {
	files := map[string]string{}
	for _, variable := range []string{"OWN_BUILD", "OWN_CONFIG"} {
		text, err := os.ReadFile(program.File(t, variable))
		if err != nil {
			t.Fatal(err)
		}
		files[variable] = string(text)
	}
	found := map[string]int{}
	for _, s := range page(t, "OWN_TOOLCHAIN") {
		for _, b := range s.Blocks {
			variable := "OWN_BUILD"
			switch {
			case b.Name == "config.bzl":
				variable = "OWN_CONFIG"
			// Of the reader's workspace.
			case strings.HasPrefix(s.Heading, "## 1."), strings.Contains(b.Text, "\nhyp_object("), strings.HasPrefix(b.Text, "register_toolchains("), b.Language != "starlark":
				continue
			}
			found[variable]++
			if !strings.Contains(files[variable], "\n"+b.Text) {
				t.Errorf("docs/own-toolchain.md:%d: tests/toolchain/own has something else than\n%s", b.Line, b.Text)
			}
		}
	}
	if found["OWN_CONFIG"] != 1 || found["OWN_BUILD"] != 3 {
		t.Errorf("compared %v blocks", found)
	}
}
