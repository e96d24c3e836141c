// SPDX-License-Identifier: Apache-2.0

package boot_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The check of hyp_object finds what makes each of these objects fail at EL2, and finds nothing in those that work.
func TestCheck(t *testing.T) {
	for _, c := range []struct{ variable, want string }{
		{"GOOD", ""},
		{"MARKER", ""},
		{"DATA", `HYP003 orphan-section: initialised variable "__kvm_nvhe_marker" (8 bytes) is in .data`},
		{"NO_PREFIX", "HYP004 "},
		{"NO_RELOCATIONS", "the object has no .hyp.reloc to list its 151 addresses"},
		{"WRONG_RELOCATIONS", "holds an address that .hyp.reloc does not list"},
	} {
		t.Run(c.variable, func(t *testing.T) {
			out, err := exec.Command(runfile(t, os.Getenv("HYPLINK")), "check", "--symbol-prefix=__kvm_nvhe_", "--section-prefix=.hyp",
				"--allowed-undefined="+runfile(t, os.Getenv("UNDEFINED")), "--hyp-relocations=required", runfile(t, os.Getenv(c.variable))).CombinedOutput()
			if (err == nil) != (c.want == "") || !strings.Contains(string(out), c.want) {
				t.Errorf("got %v and\n%s\nwant %q", err, out, c.want)
			}
		})
	}
}
