// SPDX-License-Identifier: Apache-2.0

package rebuild

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/bazelrun"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Accepted is a documented difference. It fits a finding if each of its fields but the
// reason is empty or fits.
type Accepted struct {
	Mnemonic string `json:"mnemonic,omitempty"`
	Label    string `json:"label,omitempty"`
	Output   string `json:"output,omitempty"` // the path of the first output, or its end after a slash
	Input    string `json:"input,omitempty"`  // one that differs: a path, or its end after a slash
	Cause    string `json:"cause,omitempty"`  // a variation, or "none"
	Reason   string `json:"reason"`
}

// noCause is what an entry calls a finding without variation.
const noCause = "none"

// ParseAccepted reads documented differences: {"schema": 1, "accepted": [{…}]}.
func ParseAccepted(name string, data []byte) ([]Accepted, error) {
	var file struct {
		Schema   int        `json:"schema"`
		Accepted []Accepted `json:"accepted"`
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(&file)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errcode.AcceptedMalformed.Errorf("there is something after the object")
		}
	}
	switch {
	case err != nil:
		return nil, errcode.AcceptedMalformed.Errorf("%s: is no list of accepted differences: %w", name, err)
	case file.Schema != Schema:
		return nil, errcode.AcceptedMalformed.Errorf("%s: schema: got %d, want %d", name, file.Schema, Schema)
	}
	for i, e := range file.Accepted {
		switch {
		case strings.TrimSpace(e.Reason) == "":
			return nil, errcode.AcceptedMalformed.Errorf("%s: accepted[%d]: has no reason; say why the difference is all right", name, i)
		case e.Mnemonic == "" && e.Label == "" && e.Output == "" && e.Input == "":
			return nil, errcode.AcceptedMalformed.Errorf("%s: accepted[%d]: fits any action; give its mnemonic, label, output or input", name, i)
		case e.Cause != "" && e.Cause != noCause && !slices.Contains(bazelrun.Names(), e.Cause):
			return nil, errcode.AcceptedMalformed.Errorf("%s: accepted[%d]: cause: got %q, want %s or one of %s", name, i, e.Cause, noCause, strings.Join(bazelrun.Names(), ", "))
		}
	}
	return file.Accepted, nil
}

// fits reports whether an entry is about a finding. One whose action has others beside
// it is not fully described by a label or output.
func (e *Accepted) fits(f *Finding) bool {
	end := func(path, want string) bool { return path == want || strings.HasSuffix(path, "/"+want) }
	causes := f.Causes
	if len(causes) == 0 {
		causes = []string{noCause}
	}
	return f.Kind != Failure &&
		(e.Mnemonic == "" || e.Mnemonic == f.Action.Mnemonic) &&
		(e.Label == "" || e.Label == f.Action.Label) &&
		(e.Output == "" || end(f.Action.Output, e.Output)) &&
		(e.Input == "" || slices.ContainsFunc(f.Inputs, func(path string) bool { return end(path, e.Input) })) &&
		(e.Cause == "" || len(causes) == 1 && causes[0] == e.Cause)
}

// accept marks findings that are documented, and notes entries that are about none.
func (r *Report) accept(entries []Accepted) {
	for i := range entries {
		used := false
		for k := range r.Findings {
			if f := &r.Findings[k]; entries[i].fits(f) {
				f.Accepted, used = entries[i].Reason, true
			}
		}
		if !used {
			r.Stale = append(r.Stale, entries[i])
		}
	}
}
