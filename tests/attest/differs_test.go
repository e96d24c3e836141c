// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestDiffers runs a hyp_reproducibility_test of an object that is not the same in both
// configurations: it fails, and names what differs.
func TestDiffers(t *testing.T) {
	out, err := exec.Command("./" + os.Getenv("COMPARE")).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("%v, want exit code 1:\n%s", err, out)
	}
	if text := string(out); !strings.Contains(text, "function __m_changing of mode.hyp.o: ") || strings.Contains(text, "function __m_stable") {
		t.Errorf("%s", text)
	}
}
