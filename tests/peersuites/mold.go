// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var moldSuite = suite{
	name:     "mold",
	replaces: []string{"mold"},
	find:     findMoldTests,
}

var moldLink = regexp.MustCompile(`(\./mold|-B\. ).*(-r|--relocatable|-Wl,-r|-Wl,--relocatable)( |$|,)`)

// findMoldTests lists the shell scripts of mold's test directory that link with -r.
func findMoldTests(dir string) ([]testCase, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.sh"))
	if err != nil {
		return nil, err
	}
	var cases []testCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if !moldLink.MatchString(strings.ReplaceAll(string(text), "\\\n", " ")) {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(file), ".sh")
		cases = append(cases, testCase{name, func(e *environment, work string) outcome { return runMoldTest(e, file, work) }})
	}
	return cases, nil
}

// runMoldTest runs a script in a directory where ./mold and ./ld, which gcc -B. takes, stand for mold.
func runMoldTest(e *environment, file, dir string) outcome {
	standIn := filepath.Join(e.bin, "mold")
	for _, name := range []string{"mold", "ld"} {
		if err := os.Symlink(standIn, filepath.Join(dir, name)); err != nil {
			return outcome{fails, err.Error(), ""}
		}
	}
	log, ok, err := e.runProgram(dir, nil, "bash", file)
	if err != nil {
		return outcome{fails, err.Error(), log}
	}
	if strings.Contains(log, "skipped\n") {
		return outcome{notApplicable, "skips itself on this machine", log}
	}
	calls, err := readCalls(filepath.Join(dir, "calls.json"))
	if err != nil {
		return outcome{fails, err.Error(), log}
	}
	return settle(ok, "another result: "+lastTraced(log), log, calls)
}

// lastTraced is the last command that a script of mold traced before it failed.
func lastTraced(log string) string {
	var kept []string
	for _, line := range strings.Split(log, "\n") {
		if !strings.Contains(line, "on_error") && !strings.Contains(line, "code=") && !strings.Contains(line, "trap ") && !strings.Contains(line, "exit ") {
			kept = append(kept, line)
		}
	}
	return lastCommand(strings.Join(kept, "\n"))
}
