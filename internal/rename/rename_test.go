// SPDX-License-Identifier: Apache-2.0

package rename_test

import (
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/rename/renametest"
)

var update = flag.Bool("update", false, "rewrite the expected results")

const casesFile = "testdata/cases.txt"

func TestCases(t *testing.T) {
	cases, err := renametest.Read(casesFile)
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases", err)
	}
	verdicts := []string{"same", "differs", "accepts", "refuses", "none"}
	titles := map[string]bool{}
	for _, c := range cases {
		got, err := c.Run("testdata")
		if err != nil {
			t.Fatal(err)
		}
		if got != c.Want && !*update {
			t.Errorf("%s\ngot:\n%swant:\n%s", c.Title(), got, c.Want)
		}
		c.Want = got
		if titles[c.Title()] {
			t.Errorf("%s: is there twice", c.Title())
		}
		titles[c.Title()] = true
		for _, v := range []string{c.GNU, c.LLVM} {
			if !slices.Contains(verdicts, v) {
				t.Errorf("%s: verdict %q, want one of %v", c.Title(), v, verdicts)
			}
		}
	}
	if *update {
		if err := os.WriteFile(casesFile, []byte(renametest.Format(cases)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
