// SPDX-License-Identifier: Apache-2.0

// Command proven audits the kernels that tests audit, and writes docs/proven.md.
//
//	bazel run //tests/audit/proven               audits, and updates the records and the document
//	bazel run //tests/audit/proven -- --check    writes nothing; fails if one of them would change
//	bazel run //tests/audit/proven:record -- --once=KERNEL,FLAVOUR,PACKAGE,VERSION,OBJECT,IMAGE[,SUITE]
//	                                             audits a kernel that is not pinned, by absolute paths
//
// The records of versions that are not pinned any more stay.
//
// Exit codes: 0 done, 1 a file differs, a kernel is not proven or cannot be audited, 2 the command line is wrong.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

const (
	recordsFile  = "tests/audit/proven/records.json"
	documentFile = "docs/proven.md"
)

func main() {
	os.Exit(run(os.Args[1:], os.Getenv("BUILD_WORKSPACE_DIRECTORY"), os.Stdout, os.Stderr))
}

func run(args []string, root string, stdout, stderr io.Writer) int {
	messages := textline.NewWriter(stderr)
	flags := flag.NewFlagSet("proven", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var inputs []input
	check := flags.Bool("check", false, "write nothing; fail if a file would change")
	flags.Func("kernel", "`KERNEL,FLAVOUR,LOCK,OBJECT,IMAGE` of a kernel to audit; can be repeated", func(text string) error {
		in, err := parseInput(text)
		inputs = append(inputs, in)
		return err
	})
	flags.Func("once", "`KERNEL,FLAVOUR,PACKAGE,VERSION,OBJECT,IMAGE[,SUITE]` of a kernel to audit that is not pinned; can be repeated", func(text string) error {
		in, err := parseOnce(text)
		inputs = append(inputs, in)
		return err
	})
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 || len(inputs) == 0 {
		messages.Line("proven: want --kernel or --once for each kernel, and no operands; run it as bazel run //tests/audit/proven")
		return 2
	}
	if root == "" {
		messages.Line("proven: BUILD_WORKSPACE_DIRECTORY is not set; run it as bazel run //tests/audit/proven")
		return 2
	}
	fresh, err := auditAll(inputs)
	if err == nil {
		err = update(root, fresh, *check, stdout)
	}
	for _, r := range fresh {
		if !r.Proven {
			err = errors.Join(err, fmt.Errorf("%s %s: not proven, %d of %d functions; hypaudit image says what differs",
				r.Package, r.Version, r.FunctionsProven, r.Functions))
		}
	}
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			messages.Line("proven: " + strings.TrimSuffix(line, "\n"))
		}
		return 1
	}
	return 0
}

// update writes the files that fresh records change, or with check says that they would change.
func update(root string, fresh []Record, check bool, stdout io.Writer) error {
	old, err := read(filepath.Join(root, recordsFile))
	if err != nil {
		return err
	}
	records := merge(old, fresh)
	text, err := encode(records)
	if err != nil {
		return err
	}
	for _, file := range []struct {
		name string
		text []byte
	}{{recordsFile, text}, {documentFile, render(records)}} {
		name := filepath.Join(root, file.name)
		before, err := os.ReadFile(name)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		if bytes.Equal(before, file.text) {
			continue
		}
		if check {
			return fmt.Errorf("%s: out of date; run bazel run //tests/audit/proven", file.name)
		}
		if err := fileio.WriteBytes(name, file.text); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "wrote %s\n", file.name)
	}
	return nil
}
