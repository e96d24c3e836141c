// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// date is that of all files of a tree: none is newer than another, so that make finds all of them up to date.
var date = time.Unix(1767225600, 0) // 2026-01-01

// writeTar writes files of a directory to an archive that depends on nothing but their names, contents and run bits.
func writeTar(dir string, files []string, output string) error {
	return fileio.Write(output, func(f *os.File) error {
		buffered := bufio.NewWriterSize(f, 1<<20)
		archive := tar.NewWriter(buffered)
		for _, name := range files {
			if err := addToTar(archive, dir, name); err != nil {
				return errcode.KbuildArchive.Errorf("%s: %w", name, err)
			}
		}
		if err := archive.Close(); err != nil {
			return err
		}
		return buffered.Flush()
	})
}

func addToTar(archive *tar.Writer, dir, name string) error {
	full := filepath.Join(dir, name)
	info, err := os.Lstat(full)
	if err != nil {
		return err
	}
	header := &tar.Header{Name: name, ModTime: date, Mode: 0o644, Size: info.Size(), Typeflag: tar.TypeReg, Format: tar.FormatGNU}
	if info.Mode()&0o100 != 0 {
		header.Mode = 0o755
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		if header.Linkname, err = os.Readlink(full); err != nil {
			return err
		}
		header.Typeflag, header.Size = tar.TypeSymlink, 0
		return archive.WriteHeader(header)
	}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	in, err := os.Open(full)
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(archive, in)
	return err
}

// extractTar extracts an archive of writeTar, or those of its files that are named. A named one that it does not have is an error.
func extractTar(tree, dir string, names []string) error {
	in, err := os.Open(tree)
	if err != nil {
		return err
	}
	defer in.Close()
	missing := map[string]bool{}
	for _, name := range names {
		missing[name] = true
	}
	archive := tar.NewReader(bufio.NewReaderSize(in, 1<<20))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errcode.KbuildArchive.Errorf("%s: %w", tree, err)
		}
		if names != nil && !missing[header.Name] {
			continue
		}
		delete(missing, header.Name)
		if !filepath.IsLocal(header.Name) {
			return errcode.KbuildArchive.Errorf("%s: %q is not a path below a directory", tree, header.Name)
		}
		if err := extractFile(archive, header, filepath.Join(dir, header.Name)); err != nil {
			return err
		}
	}
	for _, name := range names {
		if missing[name] {
			return errcode.KbuildFileMissing.Errorf("%s: it has no %s", tree, name)
		}
	}
	return nil
}

func extractFile(archive *tar.Reader, header *tar.Header, target string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if header.Typeflag == tar.TypeSymlink {
		return os.Symlink(header.Linkname, target)
	}
	out, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fs.FileMode(header.Mode))
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, archive); err != nil {
		out.Close()
		return errcode.KbuildArchive.Errorf("%s: %w", target, err)
	}
	if err := out.Close(); err != nil {
		return err
	}
	return os.Chtimes(target, header.ModTime, header.ModTime)
}
