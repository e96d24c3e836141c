// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"unicode"
)

// Field numbers of Bazel's stardoc_output.proto.
const (
	moduleRule      = 1
	moduleProvider  = 2
	moduleFunction  = 3
	moduleAspect    = 4
	moduleDoc       = 5
	moduleExtension = 7

	ruleName      = 1
	ruleDoc       = 2
	ruleAttribute = 3

	attributeName      = 1
	attributeDoc       = 2
	attributeType      = 3
	attributeMandatory = 4
	attributeDefault   = 6
	attributeNative    = 8
	attributeValues    = 9

	providerName  = 1
	providerDoc   = 2
	providerField = 3

	fieldName = 1
	fieldDoc  = 2

	functionName      = 1
	functionParameter = 2
	functionDoc       = 3

	parameterName      = 1
	parameterDoc       = 2
	parameterDefault   = 3
	parameterMandatory = 4

	aspectName = 1
	aspectDoc  = 2

	extensionName = 1
	extensionDoc  = 2
	extensionTag  = 3

	tagName      = 1
	tagDoc       = 2
	tagAttribute = 3
)

// typeName is AttributeType by number, in the words of BUILD files.
var typeName = []string{
	"unknown", "name", "int", "label", "string", "list of strings", "list of ints", "list of labels", "bool",
	"dict of label to string", "dict of string to string", "dict of string to list of strings", "output", "list of outputs",
	"dict of string to label", "dict of label to list", "dict of string to list of labels",
}

// heading is what the document begins with.
const heading = `# Rules

Generated from the docstrings of rules/ and toolchain/hyplink/ by ` + "`bazel run //docs/api:update`" + `; a test checks it against them.

`

// render writes the documentation of modules, in the order given, as one Markdown document.
func render(modules [][]byte) (string, error) {
	var out strings.Builder
	out.WriteString(heading)
	for i, data := range modules {
		m, err := decode(data)
		if err != nil {
			return "", fmt.Errorf("module %d: %w", i, err)
		}
		if err := renderModule(&out, m); err != nil {
			return "", fmt.Errorf("module %d: %w", i, err)
		}
	}
	// Bazel reads .bzl files as Latin-1, so a docstring's UTF-8 comes out encoded twice.
	for i, line := range strings.Split(out.String(), "\n") {
		if strings.ContainsFunc(line, func(r rune) bool { return r > unicode.MaxASCII }) {
			return "", fmt.Errorf("line %d of the document: %q has a character outside ASCII; write the docstring without it", i+1, line)
		}
	}
	return strings.TrimRight(out.String(), "\n") + "\n", nil
}

func renderModule(out *strings.Builder, m message) error {
	writeDoc(out, m.text(moduleDoc))
	rules, err := m.each(moduleRule)
	if err != nil {
		return err
	}
	for _, r := range rules {
		if err := renderRule(out, r); err != nil {
			return fmt.Errorf("rule %s: %w", r.text(ruleName), err)
		}
	}
	aspects, err := m.each(moduleAspect)
	if err != nil {
		return err
	}
	for _, a := range aspects {
		if a.text(aspectDoc) == "" {
			return fmt.Errorf("aspect %s: no docstring; write one", a.text(aspectName))
		}
		fmt.Fprintf(out, "## %s\n\n", a.text(aspectName))
		writeDoc(out, a.text(aspectDoc))
	}
	providers, err := m.each(moduleProvider)
	if err != nil {
		return err
	}
	for _, p := range providers {
		if err := renderProvider(out, p); err != nil {
			return fmt.Errorf("provider %s: %w", p.text(providerName), err)
		}
	}
	functions, err := m.each(moduleFunction)
	if err != nil {
		return err
	}
	for _, f := range functions {
		if err := renderFunction(out, f); err != nil {
			return fmt.Errorf("function %s: %w", f.text(functionName), err)
		}
	}
	extensions, err := m.each(moduleExtension)
	if err != nil {
		return err
	}
	for _, e := range extensions {
		if err := renderExtension(out, e); err != nil {
			return fmt.Errorf("extension %s: %w", e.text(extensionName), err)
		}
	}
	return nil
}

func renderRule(out *strings.Builder, r message) error {
	name := r.text(ruleName)
	if r.text(ruleDoc) == "" {
		return fmt.Errorf("no docstring; write one")
	}
	fmt.Fprintf(out, "## %s\n\n", name)
	writeDoc(out, r.text(ruleDoc))
	attributes, err := r.each(ruleAttribute)
	if err != nil {
		return err
	}
	return renderAttributes(out, attributes)
}

func renderAttributes(out *strings.Builder, attributes []message) error {
	out.WriteString("| attribute | type | default | meaning |\n|---|---|---|---|\n")
	for _, a := range attributes {
		// What every rule has, such as tags, is Bazel's to document.
		if a.number(attributeNative) != 0 {
			continue
		}
		if err := renderAttribute(out, a); err != nil {
			return err
		}
	}
	out.WriteString("\n")
	return nil
}

func renderAttribute(out *strings.Builder, a message) error {
	name, doc := a.text(attributeName), a.text(attributeDoc)
	if doc == "" {
		return fmt.Errorf("attribute %s: no doc; write one", name)
	}
	kind := a.number(attributeType)
	if kind >= uint64(len(typeName)) {
		return fmt.Errorf("attribute %s: unknown type %d", name, kind)
	}
	if values := a[attributeValues]; len(values) > 0 {
		var words []string
		for _, v := range values {
			words = append(words, "`"+string(v.data)+"`")
		}
		doc += " One of " + strings.Join(words, ", ") + "."
	}
	fallback := "required"
	if a.number(attributeMandatory) == 0 {
		fallback = "`" + a.text(attributeDefault) + "`"
	}
	fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", name, typeName[kind], fallback, cell(doc))
	return nil
}

func renderProvider(out *strings.Builder, p message) error {
	fmt.Fprintf(out, "## %s\n\n", p.text(providerName))
	writeDoc(out, p.text(providerDoc))
	fields, err := p.each(providerField)
	if err != nil {
		return err
	}
	out.WriteString("| field | meaning |\n|---|---|\n")
	for _, f := range fields {
		if f.text(fieldDoc) == "" {
			return fmt.Errorf("field %s: no doc; write one", f.text(fieldName))
		}
		fmt.Fprintf(out, "| `%s` | %s |\n", f.text(fieldName), cell(f.text(fieldDoc)))
	}
	out.WriteString("\n")
	return nil
}

func renderFunction(out *strings.Builder, f message) error {
	if f.text(functionDoc) == "" {
		return fmt.Errorf("no docstring; write one")
	}
	fmt.Fprintf(out, "## %s\n\n", f.text(functionName))
	writeDoc(out, f.text(functionDoc))
	parameters, err := f.each(functionParameter)
	if err != nil || len(parameters) == 0 {
		return err
	}
	out.WriteString("| parameter | default | meaning |\n|---|---|---|\n")
	for _, p := range parameters {
		name, doc := p.text(parameterName), p.text(parameterDoc)
		if doc == "" {
			return fmt.Errorf("parameter %s: no doc; write one", name)
		}
		fallback := "`" + p.text(parameterDefault) + "`"
		switch {
		case p.number(parameterMandatory) != 0:
			fallback = "required"
		case fallback == "``":
			// Bazel does not tell which parameters are the rest; no others are without a default and not needed.
			name, fallback = "**"+name, ""
		}
		fmt.Fprintf(out, "| `%s` | %s | %s |\n", name, fallback, cell(doc))
	}
	out.WriteString("\n")
	return nil
}

func renderExtension(out *strings.Builder, e message) error {
	name := e.text(extensionName)
	fmt.Fprintf(out, "## %s\n\n", name)
	writeDoc(out, e.text(extensionDoc))
	tags, err := e.each(extensionTag)
	if err != nil {
		return err
	}
	for _, t := range tags {
		if t.text(tagDoc) == "" {
			return fmt.Errorf("tag %s: no doc; write one", t.text(tagName))
		}
		fmt.Fprintf(out, "### %s.%s\n\n", name, t.text(tagName))
		writeDoc(out, t.text(tagDoc))
		attributes, err := t.each(tagAttribute)
		if err != nil {
			return err
		}
		if err := renderAttributes(out, attributes); err != nil {
			return err
		}
	}
	return nil
}

// writeDoc writes a docstring as a paragraph of its own.
func writeDoc(out *strings.Builder, doc string) {
	if doc = strings.TrimSpace(doc); doc != "" {
		out.WriteString(doc + "\n\n")
	}
}

// cell makes a docstring fit a table: one line, no column marks.
func cell(doc string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(doc), " "), "|", "\\|")
}
