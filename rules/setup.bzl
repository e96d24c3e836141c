# SPDX-License-Identifier: Apache-2.0

"""The second step of a WORKSPACE file: loads from repositories that `rules_hyp_dependencies` declares."""

load("@bazel_tools//tools/build_defs/repo:utils.bzl", "maybe")
load("@io_bazel_rules_go//go:deps.bzl", "go_download_sdk", "go_register_toolchains", "go_rules_dependencies")
load("@platforms//host:extension.bzl", "host_platform_repo")
load("@rules_shell//shell:repositories.bzl", "rules_shell_dependencies", "rules_shell_toolchains")
load("//rules:repositories.bzl", "rules_hyp_register_toolchains")
load("//rules/private:go_modules.bzl", "GO_SDKS", "GO_SDK_VERSION")

def rules_hyp_setup():
    """Registers the toolchains: Go, shell, the default cross compiler and hyplink.

    If the WORKSPACE file already declares a Go SDK named `go_sdk`, that is used instead of the pinned one.
    """
    go_rules_dependencies()
    if "go_sdk" not in native.existing_rules():
        go_download_sdk(
            name = "go_sdk",
            sdks = GO_SDKS,
            version = GO_SDK_VERSION,
        )
    go_register_toolchains()
    rules_shell_dependencies()
    rules_shell_toolchains()
    maybe(host_platform_repo, name = "host_platform")
    rules_hyp_register_toolchains()
