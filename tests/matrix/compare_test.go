// SPDX-License-Identifier: Apache-2.0

package matrix_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/compare"
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

func parse(t *testing.T, name string, data []byte) *elfobj.Object {
	t.Helper()
	o, err := elfobj.Parse(name, bytes.Clone(data))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// difference returns the report of a comparison and its text.
func difference(t *testing.T, name string, theirs, ours []byte, options compare.Options) (*compare.Report, string) {
	t.Helper()
	report, err := compare.Run(parse(t, "kbuild/"+name, theirs), parse(t, name, ours), options)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	report.WriteText(textline.NewWriter(&text), 10)
	return report, text.String()
}
