// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"os"
	"path"
	"path/filepath"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// checkDirectory returns an error unless the source tree has a directory, which is
// relative to it.
func checkDirectory(t *tree.Tree, dir string) error {
	if !filepath.IsLocal(dir) || path.Clean(dir) != dir {
		return errcode.NoDirectory.Errorf("%q is no directory of a kernel tree: give the path from its top, without dots and a slash at the end, such as arch/arm64/kvm/hyp/nvhe", dir)
	}
	if info, err := os.Stat(filepath.Join(t.Source, dir)); err != nil || !info.IsDir() {
		return errcode.NoDirectory.Errorf("%s: no directory %s in the source tree: other versions may have it elsewhere, or the checkout lacks it", t.Source, dir)
	}
	return nil
}
