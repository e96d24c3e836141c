// SPDX-License-Identifier: Apache-2.0

package bazelrun

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
)

// hasAbsolutePaths reports whether Bazel writes the paths of this machine to a file:
// lists of runfiles, which are for running programs here and reach no other action.
func hasAbsolutePaths(path string) bool {
	return strings.HasSuffix(path, ".runfiles_manifest") || strings.HasSuffix(path, ".runfiles/MANIFEST")
}

// written finds the files in the directories for outputs that no command made, which
// Bazel therefore wrote itself. They are kept as outputs are. The result is their
// digests, by path. Symlinks are not among them: what they lead to is.
func written(execroots []string, log *execlog.Log, root string) (map[string]string, error) {
	made := map[string]bool{}
	for i := range log.Spawns {
		for _, id := range log.Spawns[i].Outputs {
			made[log.Files[id].Path] = true
		}
	}
	digests := map[string]string{}
	for _, execroot := range execroots {
		dirs, err := filepath.Glob(filepath.Join(execroot, "bazel-out", "*", "bin"))
		if err != nil {
			return nil, err
		}
		for _, dir := range dirs {
			err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
				if err != nil || !entry.Type().IsRegular() {
					return err
				}
				rel, err := filepath.Rel(execroot, path)
				if err != nil || made[rel] || hasAbsolutePaths(rel) {
					return err
				}
				if digests[rel], err = digest(path); err != nil {
					return err
				}
				return keep([]string{execroot}, rel, root)
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return digests, nil
}

func digest(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
