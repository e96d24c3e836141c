// Pack makes the files of a release. Their bytes depend on nothing but those of the files given, and on the status.
//
//	pack programs OUTPUT.tar.gz NAME=FILE…       an archive of programs
//	pack source OUTPUT.tar.gz PREFIX MANIFEST    an archive of the files in a manifest, below the directory PREFIX
//	pack list SUMS RELEASE VERSION STATUS FILE…  their SHA-256, for sha256sum -c, and a description of the release
//
// The paths of a manifest are one a line; the file PATH is tree/PATH.source beside the manifest. STATUS is a file with the workspace status of
// Bazel, or empty: not stamped.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

const usage = `usage: pack programs OUTPUT.tar.gz NAME=FILE…
       pack source OUTPUT.tar.gz PREFIX MANIFEST
       pack list SUMS RELEASE VERSION STATUS FILE…`

func main() {
	args := os.Args[1:]
	var run func() error
	switch {
	case len(args) >= 3 && args[0] == "programs":
		run = func() error { return packPrograms(args[1], args[2:]) }
	case len(args) == 4 && args[0] == "source":
		run = func() error { return packSource(args[1], args[2], args[3]) }
	case len(args) >= 6 && args[0] == "list":
		run = func() error { return writeLists(args[1], args[2], args[3], args[4], args[5:]) }
	default:
		fmt.Fprintln(os.Stderr, usage)
		os.Exit(2)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// entry is a file of an archive.
type entry struct {
	name string
	path string
}

// packPrograms writes an archive of programs, in the order given.
func packPrograms(output string, args []string) error {
	var entries []entry
	for _, arg := range args {
		name, file, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return fmt.Errorf("got %q, want NAME=FILE", arg)
		}
		entries = append(entries, entry{name, file})
	}
	return writeArchive(output, entries, time.Unix(0, 0), func([]byte) int64 { return 0o755 })
}

// sourceTime is the time of the files in a source archive. Make and others take files of 1970 for older than anything.
var sourceTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// packSource writes an archive of the files in a manifest. Scripts, which start with #!, are executable, as in the repository: Bazel does not keep the
// modes of inputs.
func packSource(output, prefix, manifest string) error {
	text, err := os.ReadFile(manifest)
	if err != nil {
		return err
	}
	var entries []entry
	for name := range strings.Lines(string(text)) {
		name = strings.TrimSuffix(name, "\n")
		entries = append(entries, entry{path.Join(prefix, name), filepath.Join(filepath.Dir(manifest), "tree", name+".source")})
	}
	if len(entries) == 0 {
		return fmt.Errorf("%s: no files", manifest)
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return writeArchive(output, entries, sourceTime, func(data []byte) int64 {
		if bytes.HasPrefix(data, []byte("#!")) {
			return 0o755
		}
		return 0o644
	})
}

// writeArchive writes a compressed archive of files.
func writeArchive(output string, entries []entry, modified time.Time, mode func(data []byte) int64) error {
	return fileio.Write(output, func(f *os.File) error {
		// Without a name and a time, and with a fixed level.
		compressed, err := gzip.NewWriterLevel(f, gzip.BestCompression)
		if err != nil {
			return err
		}
		archive := tar.NewWriter(compressed)
		for _, e := range entries {
			data, err := os.ReadFile(e.path)
			if err != nil {
				return err
			}
			header := &tar.Header{Name: e.name, Mode: mode(data), Size: int64(len(data)), ModTime: modified, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
			if err := archive.WriteHeader(header); err != nil {
				return fmt.Errorf("%s: %w", e.name, err)
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
