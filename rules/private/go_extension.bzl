# SPDX-License-Identifier: Apache-2.0

"""The module extension that declares the Go modules of this project."""

load("@go_host_compatible_sdk_label//:defs.bzl", "HOST_COMPATIBLE_SDK")
load("//rules/private:go_module.bzl", "go_module", "repository_name")
load("//rules/private:go_modules.bzl", "GO_MODULES")

def _go_deps_impl(mctx):
    for importpath in GO_MODULES:
        go_module(
            name = repository_name(importpath),
            go_root_file = HOST_COMPATIBLE_SDK,
            importpath = importpath,
        )
    return mctx.extension_metadata(reproducible = True)

go_deps = module_extension(
    implementation = _go_deps_impl,
    doc = "One repository per Go module that go.mod requires.",
)
