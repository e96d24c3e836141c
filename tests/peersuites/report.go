// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
)

// printResults prints a line a test, and the numbers.
func printResults(w io.Writer, results []result, verbose bool) {
	for _, r := range results {
		fmt.Fprintf(w, "%-14s %s%s\n", statusNames[r.status], r.name, prefixed(": ", r.detail))
		if verbose && r.status == fails {
			fmt.Fprintln(w, indent(r.log))
		}
	}
	fmt.Fprintln(w, totals(results))
}

var statusNames = map[status]string{passes: "pass", fails: "differs", notApplicable: "not applicable"}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ")
}

func totals(results []result) string {
	count := map[status]int{}
	for _, r := range results {
		count[r.status]++
	}
	return fmt.Sprintf("%d pass, %d differ, %d are not applicable.", count[passes], count[fails], count[notApplicable])
}

// writeResults replaces the results of a suite in a Markdown document, which are
// between two comments, <!-- SUITE --> and <!-- /SUITE -->.
func writeResults(document, suite string, results []result) error {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	start, end := "<!-- "+suite+" -->\n", "<!-- /"+suite+" -->"
	before, rest, ok := strings.Cut(string(text), start)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return fmt.Errorf("%s: no comments %q and %q", document, strings.TrimSpace(start), end)
	}
	return os.WriteFile(document, []byte(before+start+resultLists(results)+end+after), 0o644)
}

// resultLists are the results in Markdown: the names of the tests that pass, a table of
// those that differ, and what is not applicable, by cause.
func resultLists(results []result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", totals(results))
	var pass []string
	causes := map[string][]string{}
	for _, r := range results {
		switch r.status {
		case passes:
			pass = append(pass, "`"+r.name+"`")
		case notApplicable:
			causes[r.detail] = append(causes[r.detail], "`"+r.name+"`")
		}
	}
	fmt.Fprintf(&b, "Pass: %s.\n\n", orNone(pass))
	fmt.Fprint(&b, "| differs | why |\n|---|---|\n")
	for _, r := range results {
		if r.status == fails {
			fmt.Fprintf(&b, "| `%s` | %s |\n", r.name, orNone(nonEmpty(r.reason)))
		}
	}
	fmt.Fprint(&b, "\n| not applicable | tests |\n|---|---|\n")
	var names []string
	for cause := range causes {
		names = append(names, cause)
	}
	sort.Strings(names)
	for _, cause := range names {
		fmt.Fprintf(&b, "| %s | %s |\n", strings.ReplaceAll(cause, "|", `\|`), strings.Join(causes[cause], ", "))
	}
	return b.String()
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
