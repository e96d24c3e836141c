// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRulesMdIsUpToDate checks docs/rules.md against the docstrings.
func TestRulesMdIsUpToDate(t *testing.T) {
	root := filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("TEST_WORKSPACE"))
	var paths []string
	for _, p := range strings.Fields(os.Getenv("MODULES")) {
		paths = append(paths, filepath.Join(root, p))
	}
	if len(paths) == 0 {
		t.Fatal("MODULES names no files; run this by `bazel test`")
	}
	want, err := renderFiles(paths)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, "docs", "rules.md"))
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(want, "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		g, w := "(end of file)", "(end of file)"
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if g != w {
			t.Fatalf("docs/rules.md:%d: is\n%s\nbut the docstrings say\n%s\nrun: bazel run //docs/api:update", i+1, g, w)
		}
	}
}

// field encodes one field with a length, and number one with a varint; both are short enough for one byte of each.
func field(n int, data string) string {
	return string([]byte{byte(n<<3 | wireBytes), byte(len(data))}) + data
}
func number(n, v int) string { return string([]byte{byte(n<<3 | wireVarint), byte(v)}) }

func TestRender(t *testing.T) {
	attribute := field(attributeName, "mode") + field(attributeDoc, "How\nit | works.") + number(attributeType, 4) +
		field(attributeDefault, `"a"`) + field(attributeValues, "a") + field(attributeValues, "b")
	native := field(attributeName, "tags") + number(attributeNative, 1)
	rule := field(ruleName, "r") + field(ruleDoc, "Makes it.") + field(ruleAttribute, attribute) + field(ruleAttribute, native)
	got, err := render([][]byte{[]byte(field(moduleDoc, "A module.") + field(moduleRule, rule))})
	if err != nil {
		t.Fatal(err)
	}
	want := heading + "A module.\n\n## r\n\nMakes it.\n\n| attribute | type | default | meaning |\n|---|---|---|---|\n" +
		"| `mode` | string | `\"a\"` | How it \\| works. One of `a`, `b`. |\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestRenderParameters(t *testing.T) {
	function := field(functionName, "f") + field(functionDoc, "Does it.")
	for _, parameter := range []string{
		field(parameterName, "a") + field(parameterDoc, "first") + number(parameterMandatory, 1),
		field(parameterName, "b") + field(parameterDoc, "second") + field(parameterDefault, "[]"),
		field(parameterName, "others") + field(parameterDoc, "more"),
	} {
		function += field(functionParameter, parameter)
	}
	got, err := render([][]byte{[]byte(field(moduleFunction, function))})
	if err != nil {
		t.Fatal(err)
	}
	if want := "| `a` | required | first |\n| `b` | `[]` | second |\n| `**others` |  | more |\n"; !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestRenderRefusesWhatIsNotDocumented(t *testing.T) {
	for name, module := range map[string]string{
		"rule without a docstring":     field(moduleRule, field(ruleName, "r")),
		"attribute without a doc":      field(moduleRule, field(ruleName, "r")+field(ruleDoc, "d")+field(ruleAttribute, field(attributeName, "a"))),
		"character outside ASCII":      field(moduleDoc, "a – b"),
		"aspect without a docstring":   field(moduleAspect, field(aspectName, "a")),
		"function without a docstring": field(moduleFunction, field(functionName, "f")),
		"parameter without a doc":      field(moduleFunction, field(functionName, "f")+field(functionDoc, "d")+field(functionParameter, field(parameterName, "p"))),
		"tag without a doc":            field(moduleExtension, field(extensionName, "e")+field(extensionTag, field(tagName, "t"))),
		"field without a doc":          field(moduleProvider, field(providerName, "P")+field(providerField, field(fieldName, "f"))),
	} {
		if got, err := render([][]byte{[]byte(module)}); err == nil {
			t.Errorf("%s: rendered as %q; want an error", name, got)
		}
	}
}

func TestDecodeRefusesBadMessages(t *testing.T) {
	for _, data := range []string{"\x80", "\x08", "\x0a\x05ab", "\x0d\x00\x00\x00\x00"} {
		if m, err := decode([]byte(data)); err == nil {
			t.Errorf("decode(%q) = %v; want an error", data, m)
		}
	}
}
