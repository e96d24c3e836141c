package generate

import "github.com/rules-hyp/rules_hyp/internal/kernel/tree"

// CheckConfiguration returns an error if the nVHE object of a tree with this .config cannot be built: no hypervisor, objects that
// are not machine code, or another compiler than the BUILD file's. The tree need not be prepared.
func (c Compilers) CheckConfiguration(t *tree.Tree) error {
	if err := t.CheckHypervisor(); err != nil {
		return err
	}
	if err := t.CheckObjects(); err != nil {
		return err
	}
	return c.checkTarget(t)
}
