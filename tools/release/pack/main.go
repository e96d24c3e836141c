// SPDX-License-Identifier: Apache-2.0

// Pack makes the files of a release. Their bytes depend on nothing but those of the files given, and on the status.
//
//	pack programs OUTPUT.tar.gz NAME=PATH…       an archive of programs, and of directories of other files
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
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
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
		fmt.Fprintln(os.Stderr, "pack:", errcode.Text(err))
		os.Exit(1)
	}
}

// entry is a file of an archive.
type entry struct {
	name string
	path string
	text bool // it is no program: only a script is executable
}

// packPrograms writes an archive of programs and of the files in directories, in the order given.
func packPrograms(output string, args []string) error {
	var entries []entry
	for _, arg := range args {
		name, file, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return errcode.ReleaseUnbuilt.Errorf("got %q, want NAME=PATH", arg)
		}
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			entries = append(entries, entry{name, file, false})
			continue
		}
		before := len(entries)
		err = fs.WalkDir(os.DirFS(file), ".", func(below string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				entries = append(entries, entry{path.Join(name, below), filepath.Join(file, below), true})
			}
			return err
		})
		if err != nil {
			return err
		}
		if len(entries) == before {
			return errcode.ReleaseUnbuilt.Errorf("%s: no files", file)
		}
	}
	return writeArchive(output, entries, time.Unix(0, 0))
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
		entries = append(entries, entry{path.Join(prefix, name), filepath.Join(filepath.Dir(manifest), "tree", name+".source"), true})
	}
	if len(entries) == 0 {
		return errcode.ReleaseUnbuilt.Errorf("%s: no files", manifest)
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return writeArchive(output, entries, sourceTime)
}

// writeArchive writes a compressed archive of files.
func writeArchive(output string, entries []entry, modified time.Time) error {
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
			mode := int64(0o755)
			if e.text && !bytes.HasPrefix(data, []byte("#!")) {
				mode = 0o644
			}
			header := &tar.Header{Name: e.name, Mode: mode, Size: int64(len(data)), ModTime: modified, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
			if err := archive.WriteHeader(header); err != nil {
				return errcode.ReleaseUnbuilt.Errorf("%s: %w", e.name, err)
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
