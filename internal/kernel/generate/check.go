// SPDX-License-Identifier: Apache-2.0

package generate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// otherCompilers are those, besides the default one, that platforms of rules_hyp name.
var otherCompilers = []tree.Compiler{{Family: "gcc", Major: 14}, {Family: "gcc", Major: 16}, {Family: "clang", Major: 14}, {Family: "clang", Major: 19}}

// known names all compilers of rules_hyp's platforms, for messages.
func known() string {
	names := []string{defaultCompiler.String()}
	for _, compiler := range otherCompilers {
		names = append(names, compiler.String())
	}
	return strings.Join(names, ", ")
}

// PlatformFor returns the platform of rules_hyp for the compiler that a tree is configured for; "" is hyp_object's default. It is false if there is
// none. rules is the apparent name of the repository rules_hyp, "" in itself.
func PlatformFor(t *tree.Tree, rules string) (string, bool) {
	config, err := t.Configuration()
	if err != nil {
		return "", false
	}
	compiler, ok := config.Compiler()
	switch {
	case ok && compiler == defaultCompiler:
		return "", true
	case ok && slices.Contains(otherCompilers, compiler):
		if rules != "" {
			rules = "@" + rules
		}
		return fmt.Sprintf("%s//platforms:arm64_%s%d", rules, compiler.Family, compiler.Major), true
	}
	return "", false
}

// CheckConfiguration returns an error if the nVHE object of a tree with this .config cannot be built: no hypervisor, plugins of
// the compiler, or another compiler than the BUILD file's. The tree need not be prepared.
func (c Compilers) CheckConfiguration(t *tree.Tree) error {
	if err := t.CheckHypervisor(); err != nil {
		return err
	}
	if err := t.CheckPlugins(DefaultDir); err != nil {
		return err
	}
	return c.checkTarget(t)
}
