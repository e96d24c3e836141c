// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
)

// completions are the files with the program's completion, by where its shell looks
// for them below share. Each completes commands, the options of the command, and
// names of files: operands and values are mostly these.
func (p *program) completions() map[string]string {
	return map[string]string{
		"bash-completion/" + p.name:                     p.bash(),
		"zsh/site-functions/_" + p.name:                 p.zsh(),
		"fish/vendor_completions.d/" + p.name + ".fish": p.fish(),
	}
}

// ownOptions returns the options that need no command.
func (p *program) ownOptions() []option {
	return append(slices.Clone(p.own.options),
		option{names: []string{"--help"}, text: "say what it does"},
		option{names: []string{"--version"}, text: "print the version"})
}

func (p *program) bash() string {
	function := "_" + strings.ReplaceAll(p.name, "-", "_")
	var b strings.Builder
	fmt.Fprintf(&b, "# Completion of %s for bash.\n\n%s() {\n", p.name, function)
	b.WriteString("  local word=${COMP_WORDS[COMP_CWORD]} words=''\n")
	var names []string
	for _, c := range p.commands {
		names = append(names, c.name)
	}
	b.WriteString("  case ${COMP_WORDS[1]-} in\n")
	for _, c := range p.commands {
		fmt.Fprintf(&b, "    %s) words='%s' ;;\n", c.name, strings.Join(words(c.options), " "))
	}
	fmt.Fprintf(&b, "    *) words='%s' ;;\n", strings.Join(words(p.ownOptions()), " "))
	b.WriteString("  esac\n")
	fmt.Fprintf(&b, "  if ((COMP_CWORD == 1)); then\n    words+=' %s'\n  fi\n", strings.Join(names, " "))
	b.WriteString("  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n}\n\n")
	fmt.Fprintf(&b, "complete -o bashdefault -o default -F %s %s\n", function, p.name)
	return b.String()
}

// words returns the names of options. One with several values is there once.
func words(options []option) []string {
	var all []string
	for _, o := range options {
		for _, name := range o.names {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all
}

// zsh returns the body of a function that compinit loads, see zshcompsys(1).
func (p *program) zsh() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#compdef %s\n\nlocal -a commands options\n\ncommands=(\n", p.name)
	described := func(indent, name, text string) {
		fmt.Fprintf(&b, "%s%s\n", indent, quote(strings.ReplaceAll(name, ":", `\:`)+":"+text))
	}
	for _, c := range p.commands {
		described("  ", c.name, c.brief())
	}
	b.WriteString(")\ncase ${words[2]-} in\n")
	list := func(pattern string, options []option) {
		fmt.Fprintf(&b, "  %s)\n    options=(\n", pattern)
		for _, name := range words(options) {
			described("      ", name, about(options, name).text)
		}
		b.WriteString("    )\n    ;;\n")
	}
	for _, c := range p.commands {
		list(c.name, c.options)
	}
	list("*", p.ownOptions())
	b.WriteString(`esac

if ((CURRENT == 2)); then
  _describe -t commands command commands
fi
if [[ $words[CURRENT] == -* ]]; then
  _describe -o -t options option options
else
  _files
fi
`)
	return b.String()
}

// fish returns commands of complete(1) of fish.
func (p *program) fish() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Completion of %s for fish.\n\n", p.name)
	var names []string
	for _, c := range p.commands {
		names = append(names, c.name)
		fmt.Fprintf(&b, "complete -c %s -n __fish_use_subcommand -a %s -d %s\n", p.name, c.name, fishQuote(c.brief()))
	}
	list := func(condition string, options []option) {
		for _, name := range words(options) {
			o := about(options, name)
			fmt.Fprintf(&b, "complete -c %s -n %s %s", p.name, fishQuote(condition), fishOption(name))
			if o.value != "" {
				b.WriteString(" -r")
			}
			if o.text != "" {
				b.WriteString(" -d " + fishQuote(o.text))
			}
			b.WriteByte('\n')
		}
	}
	for _, c := range p.commands {
		list("__fish_seen_subcommand_from "+c.name, c.options)
	}
	condition := "true"
	if len(names) > 0 {
		condition = "not __fish_seen_subcommand_from " + strings.Join(names, " ")
	}
	list(condition, p.ownOptions())
	return b.String()
}

// fishOption says in complete's options how an option is written.
func fishOption(name string) string {
	bare := strings.TrimLeft(name, "-")
	switch {
	case strings.HasPrefix(name, "--"):
		return "-l " + fishQuote(bare)
	case len(bare) == 1:
		return "-s " + fishQuote(bare)
	}
	return "-o " + fishQuote(bare)
}

// brief is what a command does, in a line.
func (c *command) brief() string {
	if len(c.text) == 0 {
		return ""
	}
	return c.text[0]
}

// about returns what is said about an option, the first time.
func about(options []option, name string) option {
	i := slices.IndexFunc(options, func(o option) bool { return slices.Contains(o.names, name) })
	return options[i]
}

// quote returns text as a word of a script of zsh, which fish reads in the same way if
// the text has no backslash.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// fishQuote returns text as a word of a script of fish.
func fishQuote(text string) string { return quote(strings.ReplaceAll(text, `\`, `\\`)) }
