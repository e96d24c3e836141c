// SPDX-License-Identifier: Apache-2.0

package explain_test

import (
	"fmt"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/execlog/execlogtest"
	"github.com/rules-hyp/rules_hyp/internal/explain"
)

// large returns the spawns of 10,000 compilations with 700 headers each and 50
// arguments, as of a kernel.
func large(header string) []execlogtest.Spawn {
	const actions, headers = 10_000, 700
	common := &execlogtest.Set{}
	for i := range headers {
		common.Files = append(common.Files, execlogtest.File{Path: fmt.Sprintf("linux/include/some/directory/header_%d.h", i), Content: "text"})
	}
	common.Files[headers/2].Content = header
	var args []string
	for i := range 50 {
		args = append(args, fmt.Sprint("-fsome-option-", i))
	}
	var spawns []execlogtest.Spawn
	for i := range actions {
		name := fmt.Sprintf("linux/drivers/some/directory/file_%d", i)
		spawns = append(spawns, execlogtest.Spawn{
			Spawn: execlog.Spawn{
				Mnemonic: "HypCompile", Label: "//linux:objects", Args: append(args[:len(args):len(args)], name+".c"),
				Env: []execlog.Var{{Name: "PATH", Value: "/bin:/usr/bin"}}, Runner: "remote", Remotable: true, Cacheable: true, RemoteCacheable: true,
			},
			In:  &execlogtest.Set{Files: []execlogtest.File{{Path: name + ".c", Content: name}}, Sets: []*execlogtest.Set{common}},
			Out: []execlogtest.File{{Path: "bazel-out/k8-opt/bin/" + name + ".o", Content: name + header}},
		})
	}
	return spawns
}

// BenchmarkExplain reads two logs of 10,000 actions with 700 inputs each, of which one
// changed for all actions, and explains the difference.
func BenchmarkExplain(b *testing.B) {
	for _, f := range formats[1:] {
		b.Run(f.name, func(b *testing.B) {
			before, after := f.write(large("old")), f.write(large("new"))
			b.SetBytes(int64(len(before) + len(after)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := explain.Logs(read(b, "before", before), read(b, "after", after))
				if err != nil || len(r.Causes) != 1 || r.Changed != 10_000 {
					b.Fatal(r, err)
				}
			}
		})
	}
}
