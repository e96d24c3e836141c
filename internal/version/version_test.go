package version

import (
	"os"
	"strings"
	"testing"
)

// The programs report the version of the module.
func TestNumber(t *testing.T) {
	module, err := os.ReadFile("../../MODULE.bazel")
	if err != nil {
		t.Fatal(err)
	}
	if want := "    name = \"rules_hyp\",\n    version = \"" + Number + "\",\n"; !strings.Contains(string(module), want) {
		t.Errorf("MODULE.bazel has another version than %s", Number)
	}
	if got := Text("hyplink"); got != "hyplink (rules_hyp) "+Number {
		t.Errorf("Text is %q", got)
	}
}
