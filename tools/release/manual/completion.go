// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
)

// completion returns the program's completion for bash: commands, options of the
// command, and names of files.
func (p *program) completion() string {
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
	fmt.Fprintf(&b, "    *) words='%s' ;;\n", strings.Join(append(words(p.own.options), "--help", "--version"), " "))
	b.WriteString("  esac\n")
	fmt.Fprintf(&b, "  if ((COMP_CWORD == 1)); then\n    words+=' %s'\n  fi\n", strings.Join(names, " "))
	// Operands and values are mostly files, which the options of complete add.
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
