// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// The examples of the help are command lines that are taken: what is wrong with them
// is that there is no such tree.
func TestExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, example := range slices.Concat(examples, initExamples) {
		var stdout, stderr bytes.Buffer
		args := strings.Fields(example)
		err := run(context.Background(), args[1:], &stdout, &stderr)
		var usage *usageError
		if args[0] != "hypgen" || err == nil || errors.As(err, &usage) || stdout.Len() > 0 {
			t.Errorf("%s: %v, %q; want an error of the tree", example, err, stdout.String())
		}
	}
	for _, example := range initExamples {
		if !strings.HasPrefix(example, "hypgen init ") {
			t.Errorf("%s: not an example of hypgen init", example)
		}
	}
}

// A help ends with its examples.
func TestHelpHasExamples(t *testing.T) {
	for args, want := range map[string][]string{"-h": examples, "init --help": initExamples} {
		var stdout, stderr bytes.Buffer
		err := run(context.Background(), strings.Fields(args), &stdout, &stderr)
		if err != nil || !strings.HasSuffix(stderr.String(), "\nexamples:\n  "+strings.Join(want, "\n  ")+"\n") {
			t.Errorf("%s: %v, %q", args, err, stderr.String())
		}
	}
}
