// SPDX-License-Identifier: Apache-2.0

// Package golden compares the output of tests with files in testdata.
package golden

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

var update = flag.Bool("update", false, "update the golden files")

// Read returns the contents of a file in testdata.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Same fails the test if an output differs from a file in testdata. With
// -update it writes the file instead.
func Same(t testing.TB, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", name), got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := Read(t, name); !bytes.Equal(got, want) {
		t.Errorf("output differs from testdata/%s (-update updates it):\n%s", name, got)
	}
}

// Edit takes pairs of strings and replaces the first occurrence of the first
// string of each pair by the second. It fails the test if there is none.
func Edit(t testing.TB, text string, edits ...string) string {
	t.Helper()
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("%q is not in the text", edits[i])
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	return text
}

// Encode returns an object in ELF format.
func Encode(t testing.TB, o *elfobj.Object) []byte {
	t.Helper()
	b, err := o.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
