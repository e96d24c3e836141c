# SPDX-License-Identifier: Apache-2.0

"""WORKSPACE dependencies: the rule sets that rules_hyp loads, and the Go modules of hyplink.

MODULE.bazel has the same versions, with two exceptions: this rules_cc is the last one whose //cc:defs.bzl, which Bazel's own Java toolchains load, needs
no protobuf; and rules_go brings the part of bazel_features that it needs.
"""

load("@bazel_tools//tools/build_defs/repo:http.bzl", "http_archive")
load("@bazel_tools//tools/build_defs/repo:utils.bzl", "maybe")
load("//rules/private:go_modules.bzl", "go_modules")

def rules_hyp_dependencies():
    """Declares the rule sets that rules_hyp builds with. Repositories that the WORKSPACE file already declares are left alone."""
    maybe(
        http_archive,
        name = "bazel_skylib",
        integrity = "sha256-UbUQWnYLNTdz+QTSu8XmZNCYf7ryImUWTeZdQ+kQ2Kw=",
        url = "https://github.com/bazelbuild/bazel-skylib/releases/download/1.8.1/bazel-skylib-1.8.1.tar.gz",
    )
    maybe(
        http_archive,
        name = "platforms",
        integrity = "sha256-261KI6vMphceR7ee3FO9akEGejt1+eixBGVrRZ/yUEY=",
        url = "https://github.com/bazelbuild/platforms/releases/download/1.1.0/platforms-1.1.0.tar.gz",
    )
    maybe(
        http_archive,
        name = "rules_cc",
        integrity = "sha256-SxIUmgQd37gwao/Q6QTjnWc1Us6C5ClulvrJy/B4Dlk=",
        strip_prefix = "rules_cc-0.1.0",
        url = "https://github.com/bazelbuild/rules_cc/releases/download/0.1.0/rules_cc-0.1.0.tar.gz",
    )
    maybe(
        http_archive,
        name = "io_bazel_rules_go",
        integrity = "sha256-C4BclPs3MNwj3zKSXtR3s/TtN7VgddysbyGMPqe0q0I=",
        url = "https://github.com/bazel-contrib/rules_go/releases/download/v0.62.0/rules_go-v0.62.0.zip",
    )
    maybe(
        http_archive,
        name = "rules_shell",
        integrity = "sha256-vGHvlPrMeOIKZFcm9kdW5eKFoEUDfHph9lrylB9MJeE=",
        strip_prefix = "rules_shell-0.4.1",
        url = "https://github.com/bazelbuild/rules_shell/releases/download/v0.4.1/rules_shell-v0.4.1.tar.gz",
    )
    go_modules(go_root_file = "@go_sdk//:ROOT")
