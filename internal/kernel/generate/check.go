package generate

import "github.com/rules-hyp/rules_hyp/internal/kernel/tree"

// PlatformFor returns the platform of rules_hyp for the compiler that a tree is configured for, one of those of Kernels; "" is hyp_object's
// default. It is false if there is none. rules is the apparent name of the repository rules_hyp.
func PlatformFor(t *tree.Tree, rules string) (string, bool) {
	config, err := t.Configuration()
	if err != nil {
		return "", false
	}
	compiler, ok := config.Compiler()
	if !ok {
		return "", false
	}
	for _, kernel := range Kernels {
		if has := CompilerOf(kernel.Platform); has == nil || *has != compiler {
			continue
		}
		if kernel.Platform == "" {
			return "", true
		}
		return "@" + rules + kernel.Platform, true
	}
	return "", false
}

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
