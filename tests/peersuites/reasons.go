// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	_ "embed"
	"fmt"
	"os"
	"strings"
)

// reasonsFile lists the tests that hyplink does not pass, with the reason. A line is
// suite, test and reason, separated by tabs.
//
//go:embed reasons.tsv
var reasonsFile string

// readReasons returns the reasons of a suite by test.
func readReasons(suite string) (map[string]string, error) {
	reasons := map[string]string{}
	s := bufio.NewScanner(strings.NewReader(reasonsFile))
	for n := 1; s.Scan(); n++ {
		line := s.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 3 || fields[2] == "" {
			return nil, fmt.Errorf("reasons.tsv:%d: want suite, test and reason", n)
		}
		if fields[0] != suite {
			continue
		}
		if reasons[fields[1]] != "" {
			return nil, fmt.Errorf("reasons.tsv:%d: %s has a reason already", n, fields[1])
		}
		reasons[fields[1]] = fields[2]
	}
	return reasons, s.Err()
}

// judge gives each failure its reason, and returns the number of results that need an
// explanation: failures without a reason, and, if all tests ran, reasons of tests that do not fail.
func judge(results []result, reasons map[string]string, all bool) int {
	problems := 0
	used := map[string]bool{}
	for i := range results {
		r := &results[i]
		if r.status != fails {
			continue
		}
		r.reason = reasons[r.name]
		used[r.name] = true
		if r.reason == "" {
			problems++
			fmt.Fprintf(os.Stderr, "%s: no reason is listed: %s\n", r.name, r.detail)
		}
	}
	if !all {
		return problems
	}
	for name := range reasons {
		if !used[name] {
			problems++
			fmt.Fprintf(os.Stderr, "%s: a reason is listed, but the test does not fail\n", name)
		}
	}
	return problems
}
