// Pack makes an archive of programs, whose bytes depend on nothing but theirs.
//
//	pack OUTPUT.tar.gz NAME=FILE…
package main

import (
	"archive/tar"
	"compress/gzip"
	"fmt"
	"os"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: pack OUTPUT.tar.gz NAME=FILE…")
		os.Exit(2)
	}
	if err := pack(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// pack writes an archive of the files, in the order given, under their names.
func pack(output string, entries []string) error {
	return fileio.Write(output, func(f *os.File) error {
		// Without a name and a time, and with a fixed level.
		compressed, err := gzip.NewWriterLevel(f, gzip.BestCompression)
		if err != nil {
			return err
		}
		archive := tar.NewWriter(compressed)
		for _, entry := range entries {
			name, path, ok := strings.Cut(entry, "=")
			if !ok || name == "" {
				return fmt.Errorf("got %q, want NAME=FILE", entry)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			header := &tar.Header{Name: name, Mode: 0o755, Size: int64(len(data)), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
			if err := archive.WriteHeader(header); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if _, err := archive.Write(data); err != nil {
				return err
			}
		}
		if err := archive.Close(); err != nil {
			return err
		}
		return compressed.Close()
	})
}
