package lint

import (
	"bytes"
	"go/format"
	"strings"
	"testing"
)

func TestGofmt(t *testing.T) {
	for _, file := range Files(t, func(path string) bool { return strings.HasSuffix(path, ".go") }) {
		formatted, err := format.Source(file.Text)
		if err != nil {
			t.Errorf("%s: %v", file.Path, err)
		} else if !bytes.Equal(formatted, file.Text) {
			t.Errorf("%s: not formatted; run gofmt -w on it", file.Path)
		}
	}
}
