// SPDX-License-Identifier: Apache-2.0

package bazelrun

import (
	"os"
	"path/filepath"
)

// workspace returns the path of the copy of the workspace for some variations. Copies
// with other time stamps have the same path, one after the other.
func (r *Runner) workspace(s set) (string, error) {
	rel, err := filepath.Rel(r.options.Root, r.options.Workspace)
	if err != nil {
		return "", err
	}
	root, kind := filepath.Join(r.dir, "workspace", filepath.Base(r.options.Root)), "plain"
	if s[Path] {
		root = filepath.Join(r.dir, "workspace-at-a-path-that-is-longer", "than-the-other", "varied-"+filepath.Base(r.options.Root))
	}
	if s[TimeStamps] {
		kind = "stamped"
	}
	if there := r.copies[root]; there == kind {
		return filepath.Join(root, rel), nil
	} else if there != "" {
		if err := os.Rename(root, root+"."+there); err != nil {
			return "", err
		}
	}
	r.copies[root] = kind
	if os.Rename(root+"."+kind, root) == nil {
		return filepath.Join(root, rel), nil
	}
	if err := os.MkdirAll(filepath.Dir(root), 0o755); err != nil {
		return "", err
	}
	if err := copyTree(r.options.Root, root, r.dir, s[TimeStamps]); err != nil {
		return "", err
	}
	return filepath.Join(root, rel), addProbe(filepath.Join(root, rel), r.start, s[TimeStamps])
}
