// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// A record in the user's cache lets the next run do nothing if nothing has changed: neither the dates of what the files are made from, nor the
// command, nor the files themselves. Without a record, or with an outdated one, everything is made again.

// recordName returns the record of the workspace's package; "" if there is no cache.
func (r *initializer) recordName() string {
	if r.cacheDirectory == "" {
		return ""
	}
	return filepath.Join(r.cacheDirectory, fmt.Sprintf("%x", sha256.Sum256([]byte(r.files.root+"\x00"+r.pkg))))
}

// upToDate tells whether nothing has changed since the record, and returns the names of the files that have one.
func (r *initializer) upToDate() ([]string, bool) {
	name := r.recordName()
	if name == "" {
		return nil, false
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, false
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) < 3 {
		return nil, false
	}
	// What does not depend on kbuild, such as MODULE.bazel, was made already.
	for _, file := range r.files.files {
		if file.changed() {
			return nil, false
		}
	}
	state, err := r.state(lines[1], lines[2:])
	return lines[2:], err == nil && state == lines[0]
}

// remember writes the record.
func (r *initializer) remember() error {
	name := r.recordName()
	if name == "" || !r.covered() {
		return nil
	}
	var names []string
	for _, file := range r.files.files {
		names = append(names, file.name)
	}
	state, err := r.state(r.compilerProgram, names)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	return fileio.WriteBytes(name, []byte(strings.Join(append([]string{state, r.compilerProgram}, names...), "\n")+"\n"))
}

// state returns a hash of everything that the files depend on, and of the files.
func (r *initializer) state(compiler string, names []string) (string, error) {
	h := sha256.New()
	if program, err := os.Executable(); err == nil {
		if info, err := os.Stat(program); err == nil {
			fmt.Fprintf(h, "%d %d\n", info.Size(), info.ModTime().UnixNano())
		}
	}
	fmt.Fprintf(h, "%q %q %q %q\n", r.place.Source, r.place.Objects, os.Getenv("PATH"), r.command())
	for _, name := range append([]string{r.config}, r.fragments...) {
		if name == "" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%q %x\n", name, sha256.Sum256(text))
	}
	for _, name := range names {
		text, err := r.files.read(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%q %v %x\n", name, text != nil, sha256.Sum256(text))
	}
	dates, err := r.place.Dates(r.make, compiler)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(h.Sum(nil), "%s", dates))), nil
}

// sourceLabel matches a file of the kernel in a BUILD file.
var sourceLabel = regexp.MustCompile(`"@[^"/]+//:([^"]+\.[a-zA-Z]+)"`)

// covered tells whether the dates that a record has are those of all files that were read.
func (r *initializer) covered() bool {
	for _, file := range r.files.files {
		switch path.Base(file.name) {
		case headersName:
			scanner := bufio.NewScanner(bytes.NewReader(file.text))
			for scanner.Scan() {
				if line := scanner.Text(); !strings.HasPrefix(line, "#") && !r.place.Covers(line) {
					return false
				}
			}
			if errors.Is(scanner.Err(), bufio.ErrTooLong) {
				return false
			}
		case packageFile:
			for _, match := range sourceLabel.FindAllSubmatch(file.text, -1) {
				if name := string(match[1]); name != packageFile && !r.place.Covers(name) {
					return false
				}
			}
		}
	}
	return true
}
