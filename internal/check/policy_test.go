// SPDX-License-Identifier: Apache-2.0

package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/rename"
)

func TestPolicy(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "policy.json")
	text := `{"schema": 1, "symbol_prefix": "__x_", "prefix_classes": ["defined", "file"], "allowed_undefined": ["a"], "allowed_undefined_files": ["list", "sub/list"],
	"script": "hyp.lds", "hyp_relocations": "absent", "require_bti": true,
	"off": [{"id": "HYP003", "symbol": "s", "reason": "r"}, {"id": "branch-range", "reason": "r"}]}`
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	p, err := ReadPolicy(path)
	if err != nil {
		t.Fatal(err)
	}
	if *p.SymbolPrefix != "__x_" || p.SectionPrefix != nil || p.HypRelocations != Absent || !p.RequireBTI || len(p.Off) != 2 {
		t.Errorf("%+v", p)
	}
	if c, err := p.Classes(); err != nil || c != rename.Defined|rename.File {
		t.Errorf("classes: %v %v", c, err)
	}
	if p.AllowedUndefinedFiles[0] != filepath.Join(dir, "list") || p.AllowedUndefinedFiles[1] != filepath.Join(dir, "sub/list") || p.Script != filepath.Join(dir, "hyp.lds") || p.Map != "" {
		t.Errorf("paths: %v %q %q", p.AllowedUndefinedFiles, p.Script, p.Map)
	}
	if _, err := ReadPolicy(filepath.Join(dir, "none.json")); err == nil {
		t.Error("no error for a missing policy file")
	}
}

// Each file of a policy is named relative to it.
func TestAbsolutePaths(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.json")
	for _, field := range []string{`"script": "/x.lds"`, `"map": "/x.json"`, `"allowed_undefined_files": ["a", "/x"]`} {
		if err := os.WriteFile(path, []byte(`{"schema": 1, `+field+`}`), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadPolicy(path); err == nil || !strings.Contains(err.Error(), "is an absolute path; name the file relative to the policy file") {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestBadPolicies(t *testing.T) {
	for text, want := range map[string]string{
		``:              "p:1:1: empty policy file; docs/check.md describes policy files",
		`{`:             "p:1:2: unexpected EOF",
		`{"schema": 2}`: "schema is 2, want 1",
		`{}`:            "schema is 0, want 1",
		"{\"schema\": 1,\n \"allowed_section\": []}":                 `p:2:24: unknown field "allowed_section"`,
		"{\"schema\": 1,\n \"symbol_prefix\": 3}":                    "p:2:20: symbol_prefix is a number",
		`{"schema": 1, "hyp_relocations": "maybe"}`:                  `hyp_relocations: "maybe"; want auto`,
		`{"schema": 1, "prefix_classes": ["public"]}`:                `p: prefix_classes: "public" is no class of symbols, want some of all,`,
		`{"schema": 1, "off": [{"id": "HYP003"}]}`:                   "off[0] (HYP003): no reason given",
		`{"schema": 1, "off": [{"id": "HYP003", "reason": " "}]}`:    "no reason",
		`{"schema": 1, "off": [{"id": "HYP999", "reason": "x"}]}`:    `unknown rule "HYP999"`,
		`{"schema": 1} {"schema": 1}`:                                "after the policy's closing brace",
		`{"schema": 1, "off": [{"id": "HYP003", "resaon": "typo"}]}`: `unknown field "resaon"`,
	} {
		_, err := ParsePolicy("p", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
