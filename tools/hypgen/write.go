// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/kernel/buildfile"
	"github.com/rules-hyp/rules_hyp/internal/kernel/generate"
	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// standardOutput is the file name for standard output.
const standardOutput = "-"

// warn says in what the object will differ from kbuild's.
func warn(log *textline.Writer, transcript *kbuild.Transcript) {
	if err := generate.Unlike(transcript); err != nil {
		log.Linef("hypgen: warning: %s", errcode.Text(err))
	}
}

// withoutCommand returns the text of a file without the command in the head of a BUILD file. A check may be made elsewhere than where the
// file was written, with other paths.
func withoutCommand(text []byte) []byte {
	before, rest, found := bytes.Cut(text, []byte(buildfile.CommandLabel))
	if !found {
		return text
	}
	_, after, _ := bytes.Cut(rest, []byte("\n"))
	return append(bytes.Clone(before), after...)
}

// writeAll writes the files, or with check says which ones differ.
func writeAll(files []generate.File, check bool, stdout, stderr io.Writer) error {
	var different []string
	for _, file := range files {
		if file.Name == standardOutput {
			if _, err := stdout.Write(file.Text); err != nil {
				return err
			}
			continue
		}
		before, err := os.ReadFile(file.Name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err == nil && (bytes.Equal(before, file.Text) || check && bytes.Equal(withoutCommand(before), withoutCommand(file.Text))) {
			continue
		}
		if check {
			different = append(different, file.Name)
			continue
		}
		if err := fileio.WriteBytes(file.Name, file.Text); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "hypgen: wrote %s\n", file.Name)
	}
	if len(different) > 0 {
		return errcode.OutOfDate.Errorf("%s: out of date; run hypgen without -check", strings.Join(different, ", "))
	}
	return nil
}
