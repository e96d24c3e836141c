// SPDX-License-Identifier: Apache-2.0

package caching

import (
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
)

const (
	kernel        = "//arch/arm64/kvm/hyp:hyp_o"
	kernelObjects = 32

	hyp      = "linux-tree/arch/arm64/kvm/hyp/"
	nvhe     = hyp + "nvhe/"
	kernel61 = "kernels/6.1/BUILD.bazel"
)

// afterCompile is what follows from an object that differs: a check of all objects for undefined symbols, and one of the linked object, among others.
func afterCompile(compiled int) actions {
	return actions{"HypCompile": compiled, "HypPartialLink": 1, "HypRelocations": 1, "HypPrefix": 1, "HypCheck": 2}
}

// TestCaching changes one thing after another and asks which actions run that are in no cache. docs/remote.md has the table.
func TestCaching(t *testing.T) {
	w := bed.NewWorkspace(t)
	c := w.Client(t)
	copyKernel(t, c)
	cache := []string{"--disk_cache=" + t.TempDir(), "--spawn_strategy=sandboxed", "--jobs=4", "--config=mapped-paths"}
	build := func(t *testing.T, flags ...string) *bed.Build {
		t.Helper()
		return c.Build(t, slices.Concat(cache, flags), kernel).MustSucceed(t)
	}
	if ran := ran(build(t)); ran["HypCompile"] != kernelObjects {
		t.Fatalf("the first build ran %v", ran)
	}

	edit := func(path string, change func(string) string) func(*testing.T) {
		return func(t *testing.T) { w.Edit(t, path, change) }
	}
	for _, row := range []struct {
		name   string
		change func(t *testing.T)
		flags  []string
		want   actions
	}{
		{name: "nothing"},
		{name: "a comment at the end of a source", change: edit(nvhe+"timer-sr.c", bed.Append("/* A comment. */\n")), want: actions{"HypCompile": 1}},
		{name: "a comment that moves lines of a source", change: edit(nvhe+"timer-sr.c", prepend("/* A comment. */\n")), want: afterCompile(1)},
		{
			name: "a comment at the end of a header that three sources read", change: edit(hyp+"include/nvhe/early_alloc.h", bed.Append("/* A comment. */\n")),
			want: actions{"HypCompile": 3},
		},
		{
			name: "a comment at the end of the script", change: edit(nvhe+"hyp.lds.S", bed.Append("/* A comment. */\n")),
			want: actions{"HypLinkerScript": 1},
		},
		{
			name: "another section in the script", change: edit(nvhe+"hyp.lds.S", bed.Replace("HYP_SECTION(.rodata)", "HYP_SECTION(.rodata)\n\tHYP_SECTION(.more)")),
			want: actions{"HypLinkerScript": 1, "HypPartialLink": 1, "HypRelocations": 1, "HypPrefix": 1, "HypCheck": 2},
		},
		{name: "the prefix", change: func(t *testing.T) {
			w.Edit(t, "arch/arm64/kvm/hyp/BUILD.bazel", bed.Replace(`"__kvm_nvhe_"`, `"__kvm_nvhe__"`))
			w.Edit(t, kernel61, bed.Replace(`"__kvm_nvhe_"`, `"__kvm_nvhe__"`))
			w.Edit(t, "kernels/6.1/undefined.txt", bed.Replace("__kvm_nvhe_", "__kvm_nvhe__"))
		}, want: actions{"HypPrefix": 1, "HypCheck": 2}},
		{name: "the check's policy", change: func(t *testing.T) {
			w.Write(t, "arch/arm64/kvm/hyp/policy.json", `{"schema": 1, "symbol_prefix": "__kvm_nvhe_"}`)
			w.Edit(t, "arch/arm64/kvm/hyp/BUILD.bazel", bed.Replace("hyp_relocations = True,", "hyp_relocations = True,\n    check_policy = \"policy.json\","))
		}, want: actions{"HypCheck": 1}},
		{name: "allowed_undefined", change: edit("kernels/6.1/undefined.txt", bed.Append("__kvm_nvhe_another\n")), want: actions{"HypCheck": 2}},
		{name: "hyplink", change: replaceTool(w, "hyplink"), want: actions{"HypPartialLink": 1, "HypRelocations": 1, "HypPrefix": 1, "HypCheck": 2}},
		{name: "hypcc", change: replaceTool(w, "hypcc"), want: actions{"HypTreeCheck": 1, "HypHeaderArchive": 1, "HypHeaderNames": 2, "HypCompile": kernelObjects, "HypLinkerScript": 1}},
		{name: "an option of one source", change: edit(kernel61, bed.Replace(`        "aarch32.c": [`, "        \"aarch32.c\": [\n            \"-DUNUSED\",")), want: actions{"HypCompile": 1}},
		{name: "a .config that changes no option", change: edit("linux-tree/.config", bed.Append("# A comment.\n")), want: actions{"HypTreeCheck": 1}},
		{
			name: "a header that no source includes", change: edit("linux-tree/include/linux/ata.h", bed.Append("/* A comment. */\n")),
			want: actions{"HypHeaderArchive": 1},
		},
		{
			name: "a header that hypgen lists although no source includes it", change: edit("kernels/6.1/headers.txt", bed.Append("include/linux/ata.h\n")),
			want: actions{"HypTreeCheck": 1, "HypHeaderArchive": 1, "HypHeaderNames": 2},
		},
		{name: "the kernel's version", change: func(t *testing.T) {
			w.Edit(t, "linux-tree/include/generated/uapi/linux/version.h", bed.Replace("SUBLEVEL ", "SUBLEVEL 1"))
			w.Edit(t, "linux-tree/include/generated/utsrelease.h", bed.Replace(`"6.1`, `"6.1.1`))
		}, want: actions{"HypHeaderArchive": 1}},
		{name: "--compilation_mode", flags: []string{"--compilation_mode=opt"}},
		{name: "the top-level platform", flags: []string{"--platforms=//platforms:linux_arm64"}},
		{name: "the environment", flags: []string{"--action_env=UNUSED=1", "--host_action_env=UNUSED=1"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			build(t) // what the row before restored
			if row.change != nil {
				row.change(t)
			}
			got := build(t, row.flags...)
			if ran := ran(got); !maps.Equal(ran, row.want) {
				t.Errorf("ran %v, want %v\n%s", ran, row.want, strings.Join(got.Names(), "\n"))
			}
		})
	}
}

// copyKernel replaces the downloaded kernel by a copy in the workspace, which can be edited.
func copyKernel(t *testing.T, c *bed.Client) {
	t.Helper()
	c.Run(t, "fetch", "--color=no", "@linux//:headers")
	found, err := filepath.Glob(filepath.Join(strings.TrimSpace(c.Run(t, "info", "output_base")), "external/*linux"))
	if err != nil || len(found) != 1 {
		t.Fatalf("got the repositories %q of the kernel, %v", found, err)
	}
	if out, err := exec.Command("cp", "-RL", found[0], filepath.Join(c.Workspace.Dir, "linux-tree")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c.Workspace.Edit(t, "MODULE.bazel", bed.Replace(`hyp.linux(headers = "//kernels/6.1:headers.txt")`, `hyp.linux(headers = "//kernels/6.1:headers.txt", path = "linux-tree")`))
}

// replaceTool returns a change that makes the workspace use another release archive, in which one program has a byte more.
func replaceTool(w *bed.Workspace, program string) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		archive, dir := w.Tools(t), t.TempDir()
		for _, command := range [][]string{
			{"tar", "-xzf", archive, "-C", dir},
			{"sh", "-c", `printf '\0' >>"$0"`, filepath.Join(dir, program)},
			{"tar", "-czf", filepath.Join(dir, "tools.tar.gz"), "-C", dir, "hypcc", "hyplink", "launch"},
		} {
			if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v: %s", command, err, out)
			}
		}
		w.UseTools(t, filepath.Join(dir, "tools.tar.gz"))
	}
}

// prepend returns an edit that adds text at the start of a file.
func prepend(text string) func(string) string {
	return func(contents string) string { return text + contents }
}
