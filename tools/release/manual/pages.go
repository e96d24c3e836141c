// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
)

// page returns the manual page of the program.
func (p *program) page() string {
	summary := p.summary
	if summary == "" && len(p.own.text) > 0 {
		summary = p.own.text[0]
	}
	b := &roff{}
	b.title(p.name, p.version)
	b.name(p.name, summary)
	b.section("SYNOPSIS")
	for _, usage := range p.own.usage {
		b.synopsis(usage)
	}
	if len(p.own.usage) == 0 {
		for _, c := range p.commands {
			for _, usage := range c.usage {
				b.synopsis(usage)
			}
		}
	}
	b.section("DESCRIPTION")
	for _, line := range append(p.own.text, p.notes...) {
		b.paragraph(line)
	}
	b.options(p.own.options)
	b.examples(p.own.examples)
	if len(p.commands) > 0 {
		b.section("COMMANDS")
		for _, c := range p.commands {
			b.item(c.name, strings.Join(c.text, " "))
		}
		b.section("SEE ALSO")
		var pages []string
		for _, c := range p.commands {
			pages = append(pages, p.name+"-"+c.name+"(1)")
		}
		b.paragraph(strings.Join(pages, ", "))
	}
	return b.String()
}

// commandPage returns the manual page of a command.
func (p *program) commandPage(c *command) string {
	b := &roff{}
	name, summary := p.name+"-"+c.name, ""
	if len(c.text) > 0 {
		summary = c.text[0]
	}
	b.title(name, p.version)
	b.name(name, summary)
	b.section("SYNOPSIS")
	for _, usage := range c.usage {
		b.synopsis(usage)
	}
	if len(c.text) > 1 {
		b.section("DESCRIPTION")
		for _, line := range c.text[1:] {
			b.paragraph(line)
		}
	}
	b.options(c.options)
	b.examples(c.examples)
	b.section("SEE ALSO")
	b.paragraph(p.name + "(1)")
	return b.String()
}

// roff is a manual page in the language of man(7).
type roff struct{ strings.Builder }

// escape returns text as roff takes it for text.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text // not a request
	}
	return text
}

func (b *roff) title(name, version string) {
	fmt.Fprintf(b, ".TH %s 1 \"\" \"%s\"\n", escape(strings.ToUpper(name)), escape(version))
}

func (b *roff) name(name, summary string) {
	b.section("NAME")
	fmt.Fprintf(b, "%s \\- %s\n", escape(name), escape(strings.TrimSuffix(summary, ".")))
}

func (b *roff) section(title string)  { fmt.Fprintf(b, ".SH %s\n", title) }
func (b *roff) synopsis(usage string) { fmt.Fprintf(b, ".PP\n%s\n", escape(usage)) }
func (b *roff) paragraph(text string) { fmt.Fprintf(b, ".PP\n%s\n", escape(text)) }
func (b *roff) item(head, text string) {
	fmt.Fprintf(b, ".TP\n\\fB%s\\fR\n%s\n", escape(head), escape(text))
}

func (b *roff) options(options []option) {
	if len(options) == 0 {
		return
	}
	b.section("OPTIONS")
	for _, o := range options {
		head := strings.Join(o.names, ", ")
		if o.value != "" {
			head += " " + o.value
		}
		b.item(head, o.text)
	}
}

// examples are lines as they are, without filling.
func (b *roff) examples(lines []string) {
	if len(lines) == 0 {
		return
	}
	b.section("EXAMPLES")
	b.WriteString(".PP\n.nf\n")
	for _, line := range lines {
		b.WriteString(escape(line) + "\n")
	}
	b.WriteString(".fi\n")
}
