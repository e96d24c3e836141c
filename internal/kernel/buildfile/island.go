// SPDX-License-Identifier: Apache-2.0

package buildfile

import (
	"path"
	"strconv"
	"strings"

	"github.com/bazelbuild/buildtools/build"

	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
)

// relativeSections are the sections whose addresses relacheck makes relative (arch/arm64/kernel/pi/relacheck.c).
const relativeSections = "*.rodata.prel64*"

// group is a hyp_library with its options.
type group struct {
	name     string
	compiles []kbuild.Compile
	suffix   string // of the objects
	c, asm   *kbuild.Shared
	island   *kbuild.Island // nil for a library that is linked, or alone
}

// groups returns the libraries of a plan: one, or one for each island.
func groups(plan *kbuild.Plan) []*group {
	name := path.Base(plan.Dir)
	if len(plan.Islands) == 0 {
		return []*group{{name: name, compiles: plan.Compiles, suffix: plan.ObjectSuffix()}}
	}
	var all []*group
	seen := map[string]int{}
	for i := range plan.Islands {
		island := &plan.Islands[i]
		own := name
		if prefix := strings.Trim(island.ObjectPrefix, "-_."); prefix != "" {
			own += "_" + prefix
		}
		if seen[own]++; seen[own] > 1 {
			own += "_" + strconv.Itoa(seen[own])
		}
		all = append(all, &group{name: own + "_objects", compiles: island.Compiles, island: island})
	}
	return all
}

// island returns the target that renames a library's objects.
func (w *writer) island(g *group) build.Expr {
	rename := g.island.Rename
	rule := call("hyp_island", assign("name", str(strings.TrimSuffix(g.name, "_objects"))))
	add := func(name string, value build.Expr) { rule.List = append(rule.List, assign(name, value)) }
	if rename.AllocSectionPrefix != "" {
		add("alloc_section_prefix", str(rename.AllocSectionPrefix))
	}
	if g.island.ObjectPrefix != "" {
		add("object_prefix", str(g.island.ObjectPrefix))
	}
	add("object_suffix", str(g.island.ObjectSuffix))
	if w.options.Platform != "" {
		add("platform", str(w.options.Platform))
	}
	if rename.Relative {
		add("relative_sections", list(relativeSections))
	}
	if rename.RemoveSections != "" {
		add("remove_sections", list(rename.RemoveSections))
	}
	add("symbol_prefix", str(rename.SymbolPrefix))
	rule.List = append(rule.List, w.tags()...)
	add("deps", list(":"+g.name))
	return rule
}
