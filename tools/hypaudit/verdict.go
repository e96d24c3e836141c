// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/dsse"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/provenance"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// verdict is what verify found. docs/attest.md has the fields.
type verdict struct {
	Schema   int            `json:"schema"`
	Verified bool           `json:"verified"`
	File     string         `json:"file"`
	Target   string         `json:"target,omitempty"`
	Builder  string         `json:"builder,omitempty"`
	Subjects []verdictFile  `json:"subjects"`
	Keys     []verdictKey   `json:"keys"`
	Kernel   string         `json:"kernel,omitempty"`
	Audit    string         `json:"audit"` // "none", "proven" or "not proven"
	Image    string         `json:"image,omitempty"`
	Checked  []string       `json:"checked"`
	Faults   []verdictFault `json:"faults"`

	kinds map[string]int
}

type verdictFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

type verdictKey struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

type verdictFault struct {
	Cause  string       `json:"cause"`
	Code   errcode.Code `json:"code"`
	Detail string       `json:"detail"`
}

func newVerdictFault(cause, detail string) verdictFault {
	return verdictFault{cause, (&provenance.Fault{Cause: cause}).ErrorCode(), detail}
}

func (r *verdict) check(what string) { r.Checked = append(r.Checked, what) }

func (r *verdict) fault(cause, format string, args ...any) {
	r.Faults = append(r.Faults, newVerdictFault(cause, fmt.Sprintf(format, args...)))
}

func (r *verdict) add(faults []*provenance.Fault) {
	for _, f := range faults {
		r.Faults = append(r.Faults, newVerdictFault(f.Cause, f.Detail))
	}
}

// fail notes a fault that ends the verification. Another error is returned.
func (r *verdict) fail(err error) error {
	var signature *dsse.Fault
	var statement *provenance.Fault
	switch {
	case errors.As(err, &signature):
		r.fault(signature.Cause, "%s", signature.Detail)
	case errors.As(err, &statement):
		r.fault(statement.Cause, "%s", statement.Detail)
	default:
		return err
	}
	return nil
}

// describe takes what is shown of a statement.
func (r *verdict) describe(s *provenance.Statement) {
	r.Target, r.Builder, r.Audit = s.Graph.Target, s.Builder, "none"
	for _, f := range s.Graph.Subjects {
		r.Subjects = append(r.Subjects, verdictFile(struct{ Name, SHA256 string }(f)))
	}
	if s.Audit != nil {
		r.Audit = "not proven"
		if s.Audit.Proven {
			r.Audit = "proven"
		}
	}
	r.kinds = map[string]int{}
	for i := range s.Graph.Deps {
		r.kinds[s.Graph.Deps[i].Kind]++
	}
	if k := s.Graph.Kernel; k != nil {
		r.Kernel = k.Name + " " + k.Version + ", sha256:" + k.SHA256
	}
}

func (r *verdict) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	for _, list := range []*[]string{&r.Checked} {
		if *list == nil {
			*list = []string{}
		}
	}
	if r.Faults == nil {
		r.Faults = []verdictFault{}
	}
	return e.Encode(r)
}

func (r *verdict) writeText(w *textline.Writer, lines int) {
	switch {
	case !r.Verified:
		w.Linef("NOT VERIFIED: %s", r.File)
	case len(r.Keys) == 0:
		w.Linef("UNSIGNED, and nothing differs: %s; nothing says who made it", r.File)
	default:
		w.Linef("VERIFIED: %s", r.File)
	}
	for i, f := range r.Faults {
		if lines >= 0 && i == lines {
			w.Linef("  and %d more", len(r.Faults)-i)
			break
		}
		w.Linef("  %s: %s [%s]", f.Cause, f.Detail, f.Code)
	}
	if r.Target == "" {
		return
	}
	w.Linef("  target    %s", r.Target)
	for _, f := range r.Subjects {
		w.Linef("  output    %s sha256:%s", f.Name, f.SHA256)
	}
	for _, k := range r.Keys {
		w.Linef("  signed by %s", strings.TrimSpace(k.Name+" "+k.ID))
	}
	w.Linef("  builder   %s", r.Builder)
	if r.Kernel != "" {
		w.Linef("  kernel    %s", r.Kernel)
	}
	w.Linef("  made from %d sources, %d headers, %d files of compilers, %d packages, %d others",
		r.kinds[provenance.KindSource], r.kinds[provenance.KindHeader], r.kinds[provenance.KindCompiler], r.kinds[provenance.KindPackage],
		r.kinds[provenance.KindTool]+r.kinds[provenance.KindGenerated]+r.kinds[provenance.KindFile])
	w.Linef("  audit     %s", r.Audit)
	w.Linef("  checked   %s", strings.Join(r.Checked, ", "))
}

func describeFiles(files []provenance.File) string {
	words := make([]string, len(files))
	for i, f := range files {
		words[i] = f.Name + " " + f.SHA256
	}
	return strings.Join(words, ", ")
}
