// Package golden has what the tests of the reports share: files of the folder
// testdata, and what to do with an output that is not what it was.
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

var update = flag.Bool("update", false, "write the golden files anew")

// Read returns a file of testdata.
func Read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Same fails the test where an output is not the file of testdata. With
// -update it writes the file.
func Same(t testing.TB, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", name), got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := Read(t, name); !bytes.Equal(got, want) {
		t.Errorf("%s is not what it was (-update writes it anew):\n%s", name, got)
	}
}

// Edit replaces text: each first one of a pair by the second, once. Text that
// is not there fails the test.
func Edit(t testing.TB, text string, edits ...string) string {
	t.Helper()
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(text, edits[i]) {
			t.Fatalf("the text has no %q", edits[i])
		}
		text = strings.Replace(text, edits[i], edits[i+1], 1)
	}
	return text
}

// Encode returns an object as the bytes of a file.
func Encode(t testing.TB, o *elfobj.Object) []byte {
	t.Helper()
	b, err := o.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
