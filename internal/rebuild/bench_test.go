// SPDX-License-Identifier: Apache-2.0

package rebuild

import (
	"fmt"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/execlog/execlogtest"
)

// large returns the log of 10,000 compilations with 700 headers each, whose compiler has
// some contents.
func large(b *testing.B, compiler string) *execlog.Log {
	common := &execlogtest.Set{Files: []execlogtest.File{{Path: "external/gcc/cc1", Content: compiler}}}
	for i := range 700 {
		common.Files = append(common.Files, execlogtest.File{Path: fmt.Sprintf("include/some/directory/header_%d.h", i), Content: "text"})
	}
	var spawns []execlogtest.Spawn
	for i := range 10_000 {
		name := fmt.Sprintf("drivers/some/directory/file_%d", i)
		spawns = append(spawns, execlogtest.Spawn{
			Spawn: execlog.Spawn{Mnemonic: "Compile", Label: "//linux:objects", Args: []string{"cc1", name + ".c"}, Runner: "linux-sandbox"},
			In:    &execlogtest.Set{Files: []execlogtest.File{{Path: name + ".c", Content: name}}, Sets: []*execlogtest.Set{common}},
			Out:   []execlogtest.File{{Path: "bazel-out/k8-opt/bin/" + name + ".o", Content: name + compiler}},
		})
	}
	log, err := execlog.Read("log", execlogtest.Compact(spawns))
	if err != nil {
		b.Fatal(err)
	}
	return log
}

// BenchmarkCompare compares builds that are equal, and builds with another compiler.
func BenchmarkCompare(b *testing.B) {
	one, same, other := large(b, "12"), large(b, "12"), large(b, "13")
	b.Run("equal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if c := compareBuilds(index(one), index(same), false); c.compared != 10_000 || len(c.divergences) != 0 {
				b.Fatal(c.divergences)
			}
		}
	})
	b.Run("different", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if c := compareBuilds(index(one), index(other), false); len(c.divergences) != 1 || c.divergences[0].kind != Input || c.divergences[0].more != 9_999 {
				b.Fatal(c.divergences)
			}
		}
	})
}
