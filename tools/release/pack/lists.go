// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// release describes a release.
type release struct {
	Version string `json:"version"`
	// Commit is the commit of the sources, if the build was stamped.
	Commit string        `json:"commit,omitempty"`
	Files  []releaseFile `json:"files"`
}

// releaseFile is a file of a release.
type releaseFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int    `json:"size"` // in bytes
}

// commitKey is the line of the workspace status with the commit; see tools/release/status.
const commitKey = "STABLE_RULES_HYP_COMMIT"

// writeLists writes the SHA-256 of files, in the format of sha256sum, and the release that they make up, in JSON.
func writeLists(sums, description, version, status string, files []string) error {
	r := release{Version: version}
	var err error
	if status != "" {
		if r.Commit, err = commit(status); err != nil {
			return err
		}
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		digest := sha256.Sum256(data)
		r.Files = append(r.Files, releaseFile{filepath.Base(path), hex.EncodeToString(digest[:]), len(data)})
	}
	slices.SortFunc(r.Files, func(a, b releaseFile) int { return strings.Compare(a.Name, b.Name) })
	var lines strings.Builder
	for i, f := range r.Files {
		if i > 0 && f.Name == r.Files[i-1].Name {
			return errcode.ReleaseUnbuilt.Errorf("two files are called %s", f.Name)
		}
		fmt.Fprintf(&lines, "%s  %s\n", f.SHA256, f.Name)
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := fileio.WriteBytes(description, append(text, '\n')); err != nil {
		return err
	}
	return fileio.WriteBytes(sums, []byte(lines.String()))
}

// commit returns the commit in a workspace status.
func commit(status string) (string, error) {
	text, err := os.ReadFile(status)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " "); key == commitKey && value != "" {
			return value, nil
		}
	}
	return "", errcode.ReleaseUnbuilt.Errorf("the workspace status has no %s: build with --config=release", commitKey)
}
