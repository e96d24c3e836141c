// SPDX-License-Identifier: Apache-2.0

package debkernel

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/debian"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// lockName is the lock of the kernel's packages in a workspace.
const lockName = "packages.lock.json"

// rulesGo is the dependency in the MODULE.bazel of rules_hyp, whose version the workspace has too.
var rulesGo = regexp.MustCompile(`bazel_dep\(name = "rules_go", version = "([^"]+)"`)

// The kernel is that of rules_hyp's own package, with other sources and another configuration: without a list of headers, since these may include others.
const module = `module(name = "hypaudit_kernel")

bazel_dep(name = "rules_hyp")
local_path_override(
    module_name = "rules_hyp",
    path = %q,
)

bazel_dep(name = "rules_go", version = %q, repo_name = "io_bazel_rules_go")

hyp = use_extension("@rules_hyp//rules:extensions.bzl", "hyp")
hyp.linux(
    name = %q,
    lock = "//:packages.lock.json",
)
`

// Without cgo, Go needs no C compiler of the machine.
const bazelrc = `common --enable_bzlmod --noenable_workspace
common --repo_env=BAZEL_DO_NOT_DETECT_CPP_TOOLCHAIN=1
build --incompatible_strict_action_env
build --@io_bazel_rules_go//go/config:pure
`

// word makes text one word of a .bazelrc file.
var word = strings.NewReplacer(`\`, `\\`, " ", `\ `, `"`, `\"`, "'", `\'`, "#", `\#`, "\t", "\\\t")

// WriteWorkspace writes a Bazel workspace in which @rules_hyp//kernels/VERSION:hyp_o is the hypervisor of the kernel. root is the directory of rules_hyp, and
// repository the name of the repository with the kernel of that version.
func (k *Kernel) WriteWorkspace(dir, root, repository string) error {
	text, err := os.ReadFile(filepath.Join(root, "MODULE.bazel"))
	if err != nil {
		return errcode.NotRulesDirectory.Errorf("%w; --rules-hyp is the directory of rules_hyp", err)
	}
	version := rulesGo.FindSubmatch(text)
	if version == nil {
		return errcode.NotRulesDirectory.Errorf("%s: names no version of rules_go; --rules-hyp is the directory of rules_hyp", filepath.Join(root, "MODULE.bazel"))
	}
	settings := bazelrc
	if strings.HasPrefix(root, "/tmp/") {
		// A sandbox has a /tmp of its own.
		settings += "build --sandbox_add_mount_pair=" + word.Replace(strings.ReplaceAll(root, ":", `\:`)) + "\n"
	}
	for name, contents := range map[string]string{
		"BUILD.bazel":  "",
		"MODULE.bazel": fmt.Sprintf(module, root, version[1], repository),
		".bazelrc":     settings,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(contents), 0o644); err != nil {
			return err
		}
	}
	return debian.WriteLock(filepath.Join(dir, lockName), debian.Lock{Packages: k.Inputs})
}
