// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// An archive has optional headers: those that sources do not include yet, by their paths in the execution root. Thousands of headers would make each
// compile's sandbox expensive, so that they are one input instead. It is unpacked when a compile needs one of them, and otherwise it is an unused input:
// Bazel does not repeat a compile when a header in it changes.

// WriteArchive writes the archive of the files that a list names, one path per line. The archive does not depend on the order of the list, on time
// stamps or on modes.
func WriteArchive(out string, list []string) error {
	names := slices.Clone(list)
	slices.Sort(names)
	names = slices.Compact(names)
	return fileio.Write(out, func(f *os.File) error {
		w := zip.NewWriter(f)
		// The archive is made again when one of its headers changes, and read only when a compile needs it. One compressor has 1 MiB of tables, to be used
		// for all headers, of which there are thousands.
		var compressor *flate.Writer
		w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
			if compressor != nil {
				compressor.Reset(out)
				return compressor, nil
			}
			var err error
			compressor, err = flate.NewWriter(out, flate.BestSpeed)
			return compressor, err
		})
		for _, name := range names {
			if !filepath.IsLocal(name) && !isSibling(name) {
				return errcode.HeaderPath.Errorf("%s: a header's path must be relative to the execution root", name)
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			entry, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
			if err != nil {
				return err
			}
			if _, err := entry.Write(text); err != nil {
				return err
			}
		}
		return w.Close()
	})
}

// isSibling reports whether a path is in a repository next to the working directory, as with --experimental_sibling_repository_layout.
func isSibling(name string) bool {
	rest, outside := strings.CutPrefix(name, "../")
	return outside && filepath.IsLocal(rest) && strings.Contains(rest, "/")
}

// archive is an open archive; nil is one without headers.
type archive struct {
	zip *zip.ReadCloser
	// byBase has the names of the headers by the last part of their paths.
	byBase map[string][]string
	files  map[string]*zip.File
	// unpacked are the files that unpack made, and directories their directories, outer ones first.
	unpacked, directories []string
}

// openArchive reads the list of an archive. An empty name is no archive.
func openArchive(name string) (*archive, error) {
	if name == "" {
		return nil, nil
	}
	r, err := zip.OpenReader(name)
	if err != nil {
		return nil, errcode.ArchiveDamaged.Errorf("%s: %w", name, err)
	}
	a := &archive{zip: r, byBase: map[string][]string{}, files: make(map[string]*zip.File, len(r.File))}
	for _, f := range r.File {
		if f.Name != path.Clean(f.Name) || !filepath.IsLocal(f.Name) && !isSibling(f.Name) {
			r.Close()
			return nil, errcode.ArchiveDamaged.Errorf("%s: entry %q is not a path in the execution root; build the archive again", name, f.Name)
		}
		a.files[f.Name] = f
		base := path.Base(f.Name)
		a.byBase[base] = append(a.byBase[base], f.Name)
	}
	return a, nil
}

// has reports whether a file is one of the archive.
func (a *archive) has(name string) bool { return a != nil && a.files[name] != nil }

// holds reports whether the archive has a header of which the end of the path is that of name.
func (a *archive) holds(name string) bool {
	if a == nil {
		return false
	}
	for _, candidate := range a.byBase[path.Base(name)] {
		if candidate == name || strings.HasSuffix(candidate, "/"+strings.TrimLeft(name, "./")) {
			return true
		}
	}
	return false
}

// shadows reports whether the compiler may have read other files if those of the archive had been there: a header that is found in an include
// directory although an earlier one, or the directory of a file that may have included it, has one of the same name in the archive.
func (a *archive) shadows(search, read []string) bool {
	if a == nil {
		return false
	}
	position := map[string]int{}
	for i, dir := range search {
		dir = path.Clean(dir)
		if _, ok := position[dir]; !ok {
			position[dir] = i
		}
	}
	includers := map[string]bool{}
	for _, name := range read {
		includers[path.Dir(name)] = true
	}
	for _, name := range read {
		for _, candidate := range a.byBase[path.Base(name)] {
			if candidate == name {
				continue
			}
			for dir, at := range position {
				rest, ok := cutDirectory(name, dir)
				if !ok {
					continue
				}
				other, ok := strings.CutSuffix("./"+candidate, "/"+rest)
				if !ok {
					continue
				}
				other = path.Clean(other)
				if earlier, ok := position[other]; ok && earlier < at || !ok && includers[other] {
					return true
				}
			}
		}
	}
	return false
}

// unpack writes the headers that are not there to their places.
func (a *archive) unpack() error {
	for _, f := range a.zip.File {
		if _, err := os.Lstat(f.Name); err == nil {
			continue
		}
		if err := a.makeDirectory(path.Dir(f.Name)); err != nil {
			return err
		}
		if err := a.unpackFile(f); err != nil {
			return err
		}
	}
	return nil
}

func (a *archive) unpackFile(f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		return errcode.ArchiveDamaged.Errorf("%s: %w", f.Name, err)
	}
	a.unpacked = append(a.unpacked, f.Name)
	return os.WriteFile(f.Name, text, 0o644)
}

// makeDirectory makes a directory and those that it is in, and remembers those that are new.
func (a *archive) makeDirectory(dir string) error {
	if _, err := os.Stat(dir); err == nil || dir == "." {
		return nil
	}
	if err := a.makeDirectory(path.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	a.directories = append(a.directories, dir)
	return nil
}

// close removes what unpack made.
func (a *archive) close() {
	if a == nil {
		return
	}
	for _, name := range a.unpacked {
		os.Remove(name)
	}
	for _, dir := range slices.Backward(a.directories) {
		os.Remove(dir)
	}
	a.zip.Close()
}

// compileWith compiles with the archive's headers if one of them is missing, or may be meant in place of another one.
func (c *Command) compileWith(a *archive, w *workspace, o *options, headers []string) (*filesRead, error) {
	if a == nil {
		return c.compile(o, headers)
	}
	var stdout, stderr bytes.Buffer
	first := *c
	first.Stdout, first.Stderr = &stdout, &stderr
	read, err := first.compile(o, headers)
	again := false
	if err != nil {
		missing := missingName(stderr.Bytes())
		again = missing != "" && a.holds(missing)
	} else {
		again = a.shadows(o.search, w.relativeAll(slices.Concat(read.preprocessor, read.assembler)))
	}
	if !again {
		c.Stderr.Write(stderr.Bytes())
		if _, lost := c.Stdout.Write(stdout.Bytes()); lost != nil && err == nil {
			return nil, errcode.StdoutLost.Errorf("standard output cannot be written: %w; give it room, or another file", lost)
		}
		return read, err
	}
	if err := a.unpack(); err != nil {
		return nil, errcode.ArchiveUnpack.Errorf("%s: it needs headers of %s, which cannot be unpacked here: %w; add them to hdrs (for a kernel tree, run hypgen again)",
			o.source, c.Archive, err)
	}
	return c.compile(o, headers)
}
