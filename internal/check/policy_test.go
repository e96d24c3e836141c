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
	text := `{"schema": 1, "symbol_prefix": "__x_", "prefix_classes": ["defined", "file"], "allowed_undefined": ["a"], "allowed_undefined_files": ["list", "/abs/list"],
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
	if p.AllowedUndefinedFiles[0] != filepath.Join(dir, "list") || p.AllowedUndefinedFiles[1] != "/abs/list" || p.Script != filepath.Join(dir, "hyp.lds") || p.Map != "" {
		t.Errorf("paths: %v %q %q", p.AllowedUndefinedFiles, p.Script, p.Map)
	}
	if _, err := ReadPolicy(filepath.Join(dir, "none.json")); err == nil {
		t.Error("a policy that is not there was read")
	}
}

func TestBadPolicies(t *testing.T) {
	for text, want := range map[string]string{
		``:              "p:1:1: no policy: nothing stands in the file; docs/check.md describes policy files",
		`{`:             "p:1:2: unexpected EOF",
		`{"schema": 2}`: "schema is 2, want 1",
		`{}`:            "schema is 0, want 1",
		"{\"schema\": 1,\n \"allowed_section\": []}":                 `p:2:24: unknown field "allowed_section"`,
		"{\"schema\": 1,\n \"symbol_prefix\": 3}":                    "p:2:20: symbol_prefix is a number",
		`{"schema": 1, "hyp_relocations": "maybe"}`:                  `hyp_relocations: "maybe"; want auto`,
		`{"schema": 1, "prefix_classes": ["public"]}`:                `p: prefix_classes: "public" is no class of symbols, want some of all,`,
		`{"schema": 1, "off": [{"id": "HYP003"}]}`:                   "off[0] (HYP003): no reason",
		`{"schema": 1, "off": [{"id": "HYP003", "reason": " "}]}`:    "no reason",
		`{"schema": 1, "off": [{"id": "HYP999", "reason": "x"}]}`:    `no rule "HYP999"`,
		`{"schema": 1} {"schema": 1}`:                                "behind the policy's closing brace",
		`{"schema": 1, "off": [{"id": "HYP003", "resaon": "typo"}]}`: `unknown field "resaon"`,
	} {
		_, err := ParsePolicy("p", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestFeatures(t *testing.T) {
	note := func(typ byte, name string, desc ...byte) []byte {
		b := []byte{4, 0, 0, 0, byte(len(desc)), 0, 0, 0, typ, 0, 0, 0}
		b = append(b, name...)
		return append(b, desc...)
	}
	and := func(bits byte) []byte { return []byte{0, 0, 0, 0xc0, 4, 0, 0, 0, bits, 0, 0, 0, 0, 0, 0, 0} }
	other := []byte{1, 0, 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}
	for _, c := range []struct {
		name  string
		b     []byte
		bits  uint32
		found bool
	}{
		{"empty", nil, 0, false},
		{"BTI and PAC", note(5, "GNU\x00", and(3)...), 3, true},
		{"behind another property", note(5, "GNU\x00", append(other, and(1)...)...), 1, true},
		{"two notes", append(note(5, "GNU\x00", and(3)...), note(5, "GNU\x00", and(1)...)...), 1, true},
		{"another type", note(1, "GNU\x00", and(3)...), 0, false},
		{"another name", note(5, "XYZ\x00", and(3)...), 0, false},
		{"cut", note(5, "GNU\x00", and(3)...)[:20], 0, false},
		{"property cut", note(5, "GNU\x00", and(3)[:9]...), 0, false},
	} {
		bits, found := features(c.b, false, 0xc0000000)
		if bits != c.bits || found != c.found {
			t.Errorf("%s: %d %v, want %d %v", c.name, bits, found, c.bits, c.found)
		}
	}
}
