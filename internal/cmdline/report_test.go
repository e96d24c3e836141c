// SPDX-License-Identifier: Apache-2.0

package cmdline

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestReport(t *testing.T) {
	var b strings.Builder
	if _, err := fmt.Fprint(Report(&b), "text"); err != nil || b.String() != "text" {
		t.Errorf("got %q, %v", b.String(), err)
	}
	_, err := fmt.Fprint(Report(fullDisk{}), "text")
	if errcode.Of(err) != errcode.StdoutLost || !strings.Contains(err.Error(), "standard output cannot be written: no space left on device") {
		t.Errorf("got %v", err)
	}
}
