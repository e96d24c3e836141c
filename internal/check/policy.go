// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/glob"
	"github.com/rules-hyp/rules_hyp/internal/rename"
)

// Suppression selects findings to suppress. All patterns that are not empty
// must match; * matches any bytes and ? one.
type Suppression struct {
	ID      string `json:"id"` // "HYP003" or "orphan-section"
	Symbol  string `json:"symbol,omitempty"`
	Section string `json:"section,omitempty"`
	Input   string `json:"input,omitempty"` // matches the path, or its last part
	Reason  string `json:"reason"`          // must not be empty
}

// filter is a compiled suppression. A pattern that is not given is nil.
type filter struct {
	id                     string
	symbol, section, input *glob.Pattern
}

func (s *Suppression) compile() filter {
	pattern := func(text string) *glob.Pattern {
		if text == "" {
			return nil
		}
		p := glob.Stars(text)
		return &p
	}
	return filter{s.ID, pattern(s.Symbol), pattern(s.Section), pattern(s.Input)}
}

// matches reports whether a finding is suppressed.
func (s *filter) matches(f *Finding) bool {
	return (s.id == f.ID || s.id == f.Rule) &&
		(s.symbol == nil || s.symbol.Match(f.Symbol) || s.symbol.Match(f.Target)) &&
		(s.section == nil || s.section.Match(f.Section)) &&
		(s.input == nil || s.input.Match(f.Input) || s.input.Match(filepath.Base(f.Input)))
}

// Policy is a policy file: the options of the command line, and the findings to
// suppress. Paths are relative to the file.
type Policy struct {
	Schema                int           `json:"schema"` // PolicySchema
	SymbolPrefix          *string       `json:"symbol_prefix"`
	SymbolSuffix          *string       `json:"symbol_suffix"`
	PrefixClasses         []string      `json:"prefix_classes"` // as --prefix-class
	SectionPrefix         *string       `json:"section_prefix"`
	AllowedUndefined      []string      `json:"allowed_undefined"`       // names or patterns
	AllowedUndefinedFiles []string      `json:"allowed_undefined_files"` // as --allowed-undefined
	AllowedSections       []string      `json:"allowed_sections"`
	NoDefaultSections     bool          `json:"no_default_sections"`
	Script                string        `json:"script"`
	Map                   string        `json:"map"`
	RequireBTI            bool          `json:"require_bti"`
	RequirePAC            bool          `json:"require_pac"`
	NoAbsolute            bool          `json:"no_absolute_relocations"`
	HypRelocations        Mode          `json:"hyp_relocations"`
	ShadowCallStack       bool          `json:"shadow_call_stack"`
	HostObject            string        `json:"host_object"`
	Off                   []Suppression `json:"off"`
}

// PolicySchema is the version of the policy file format.
const PolicySchema = 1

// ReadPolicy reads a policy file and makes its paths relative to the current
// directory.
func ReadPolicy(path string) (*Policy, error) {
	text, err := fileio.ReadText(path, "a policy file")
	if err != nil {
		return nil, err
	}
	p, err := ParsePolicy(path, text)
	if err != nil {
		return nil, err
	}
	files := []*string{&p.Script, &p.Map, &p.HostObject}
	for i := range p.AllowedUndefinedFiles {
		files = append(files, &p.AllowedUndefinedFiles[i])
	}
	for _, f := range files {
		if *f == "" {
			continue
		}
		// Bazel would not know of it, and a change of it would check nothing again.
		if filepath.IsAbs(*f) {
			return nil, &fileio.Error{Code: errcode.PolicyFile, Path: path, Offset: -1, What: *f + " is an absolute path", Advice: "name the file relative to the policy file"}
		}
		*f = filepath.Join(filepath.Dir(path), *f)
	}
	return p, nil
}

// ParsePolicy parses the contents of a policy file. Unknown fields are errors,
// since users may rely on them.
func ParsePolicy(name string, data []byte) (*Policy, error) {
	p := &Policy{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		offset := d.InputOffset()
		var syntax *json.SyntaxError
		var typ *json.UnmarshalTypeError
		switch {
		case err == io.EOF:
			err = errcode.BadPolicy.Errorf("empty policy file")
		case errors.Is(err, io.ErrUnexpectedEOF):
			offset = int64(len(data))
		case errors.As(err, &syntax):
			offset = syntax.Offset - 1 // Offset is after the byte
		case errors.As(err, &typ):
			offset = typ.Offset
			err = errcode.BadPolicy.Errorf("%s is a %s", typ.Field, typ.Value)
		}
		before := data[:min(max(offset, 0), int64(len(data)))]
		return nil, errcode.BadPolicy.Errorf("%s:%d:%d: %s; docs/check.md describes policy files", name, 1+bytes.Count(before, []byte("\n")),
			len(before)-bytes.LastIndexByte(before, '\n'), strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errcode.BadPolicy.Errorf("%s: text after the policy's closing brace; remove it", name)
	}
	if p.Schema != PolicySchema {
		return nil, errcode.BadPolicy.Errorf("%s: schema is %d, want %d; write \"schema\": %d", name, p.Schema, PolicySchema, PolicySchema)
	}
	if err := p.HypRelocations.valid(); err != nil {
		return nil, errcode.BadPolicy.Errorf("%s: hyp_relocations: %w", name, err)
	}
	if _, err := p.Classes(); err != nil {
		return nil, errcode.BadPolicy.Errorf("%s: prefix_classes: %w", name, err)
	}
	for i, s := range p.Off {
		switch {
		case RuleByID(s.ID) == nil:
			return nil, errcode.BadPolicy.Errorf("%s: off[%d]: unknown rule %q; 'hyplink check --rules' lists the rules", name, i, s.ID)
		case strings.TrimSpace(s.Reason) == "":
			return nil, errcode.BadPolicy.Errorf("%s: off[%d] (%s): no reason given; say why this object may break the rule", name, i, s.ID)
		}
	}
	return p, nil
}

// Classes returns the symbol classes of prefix_classes.
func (p *Policy) Classes() (rename.Classes, error) {
	if len(p.PrefixClasses) == 0 {
		return 0, nil
	}
	return rename.ParseClasses(strings.Join(p.PrefixClasses, ","))
}

// valid returns an error for an unknown mode.
func (m Mode) valid() error {
	switch m {
	case "", Auto, Required, Absent:
		return nil
	}
	return errcode.OptionValue.Errorf("%q; want %s, %s or %s", string(m), Auto, Required, Absent)
}

// ParseMode parses the value of --hyp-relocations.
func ParseMode(s string) (Mode, error) { return Mode(s), Mode(s).valid() }
