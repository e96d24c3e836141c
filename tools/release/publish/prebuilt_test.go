// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/version"
)

// moduleText has each kind of statement that MODULE.bazel has.
const moduleText = `"""Rules."""

module(
    name = "rules_hyp",
    version = "1.2.3",
)

bazel_dep(name = "platforms", version = "1.1.0")
bazel_dep(name = "rules_go", version = "0.62.0", repo_name = "io_bazel_rules_go")

# The Go SDK.
go_sdk = use_extension("@io_bazel_rules_go//go:extensions.bzl", "go_sdk")
go_sdk.download(version = "1.26.8")
use_repo(go_sdk, "go_host_compatible_sdk_label")

go_deps = use_extension("//rules/private:go_extension.bzl", "go_deps")
use_repo(go_deps, "org_golang_x_sys")

# The kernels.
hyp = use_extension("//rules:extensions.bzl", "hyp")
hyp.linux()
use_repo(hyp, "linux")

register_toolchains("//toolchain:all")

register_toolchains(
    "//tests:all",
    dev_dependency = True,
)

linters = use_extension("//tests/lint:repositories.bzl", "linters", dev_dependency = True)
use_repo(linters, "hyp_git")
`

const prebuiltText = `"""Rules."""

module(
    name = "rules_hyp",
    version = "1.2.3.prebuilt",
)

bazel_dep(name = "platforms", version = "1.1.0")

# The kernels.
hyp = use_extension("//rules:extensions.bzl", "hyp")
hyp.linux()
hyp.prebuilt_tools(
    platform = "linux_amd64",
    sha256 = "ab",
    urls = ["https://example.com/a.tar.gz"],
)
use_repo(hyp, "hyp_prebuilt_tools", "linux", io_bazel_rules_go = "hyp_no_go")

register_toolchains("@hyp_prebuilt_tools//:all")

register_toolchains("//toolchain:all")

register_toolchains(
    "//tests:all",
    dev_dependency = True,
)

linters = use_extension("//tests/lint:repositories.bzl", "linters", dev_dependency = True)
use_repo(linters, "hyp_git")
`

// What needs rules_go is left out, with its comments, and the programs come in; a file of another shape is an error.
func TestPrebuiltModule(t *testing.T) {
	archives := []toolArchive{{"linux_amd64", "ab", "https://example.com/a.tar.gz"}}
	got, err := prebuiltModule([]byte(moduleText), archives)
	if err != nil || string(got) != prebuiltText {
		t.Errorf("got %s, error %v, want %s", got, err, prebuiltText)
	}
	for _, part := range []string{"module(", "use_repo(hyp", "register_toolchains("} {
		_, err := prebuiltModule([]byte(strings.ReplaceAll(moduleText, part, "other(")), archives)
		if err == nil || !strings.Contains(err.Error(), "MODULE.bazel: want a statement") {
			t.Errorf("without %s: error %v", part, err)
		}
	}
	if _, err := prebuiltModule([]byte("module(\n"), archives); err == nil || !strings.Contains(err.Error(), "MODULE.bazel:") {
		t.Errorf("damaged: error %v", err)
	}
}

// The entry with programs has the hashes of the files that replace some of the archive's: the module that the registry has, and the flag.
func TestPrebuiltEntry(t *testing.T) {
	p, registry := release(t), t.TempDir()
	p.url = "https://example.com/mirror"
	if err := p.publish(t.TempDir(), registry); err != nil {
		t.Fatal(err)
	}
	entry := filepath.Join(registry, "modules/rules_hyp", version.Number+".prebuilt")
	var s source
	readJSON(t, filepath.Join(entry, "source.json"), &s)
	if len(s.Overlay) != 5 || s.Integrity != integrity([]byte("sources")) {
		t.Errorf("source.json has %+v", s)
	}
	for name, hash := range s.Overlay {
		data, err := os.ReadFile(filepath.Join(entry, "overlay", name))
		if err != nil || integrity(data) != hash {
			t.Errorf("%s: hash %s, error %v, want %s", name, integrity(data), err, hash)
		}
	}
	module, err := os.ReadFile(filepath.Join(entry, "MODULE.bazel"))
	if err != nil || integrity(module) != s.Overlay["MODULE.bazel"] || !strings.Contains(string(module), `urls = ["https://example.com/mirror/`+tools+`"]`) {
		t.Errorf("MODULE.bazel is %s, error %v", module, err)
	}
	toolchain, err := os.ReadFile(filepath.Join(entry, "overlay", toolchainFile))
	if err != nil || !strings.Contains(string(toolchain), "build_setting_default = False") {
		t.Errorf("%s is %s, error %v", toolchainFile, toolchain, err)
	}
}

// The programs that people run are the release's.
func TestPrebuiltCommand(t *testing.T) {
	const want = `alias(
    name = "hypgen",
    actual = "@hyp_prebuilt_tools//:hypgen",
    visibility = ["//visibility:public"],
)
`
	if got := string(prebuiltCommand("hypgen")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A BUILD file without the flag is an error.
func TestPrebuiltToolchain(t *testing.T) {
	for _, text := range []string{"", "bool_flag(", "bool_flag(name = \"other\")\n"} {
		if _, err := prebuiltToolchain([]byte(text)); err == nil || !strings.Contains(err.Error(), toolchainFile) {
			t.Errorf("%q: error %v", text, err)
		}
	}
}
