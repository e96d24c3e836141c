# SPDX-License-Identifier: Apache-2.0

"""Toolchains of prebuilt programs, for builds without Go."""

load("//toolchain/hyplink:audit_toolchain.bzl", "audit_toolchain")
load("//toolchain/hyplink:hyplink_toolchain.bzl", "hyplink_toolchain")
load("//toolchain/hyplink:launch_toolchain.bzl", "launch_toolchain")

def hyp_prebuilt_toolchains(name, hyplink, hypcc, launch, constraints, hypaudit = None):
    """Declares the toolchains of prebuilt programs for one platform.

    Register them with `register_toolchains("//PACKAGE:all")`: they take precedence over those that are built from source, and no action of
    Go is left. `@rules_hyp//tools/release` builds the programs.

    Args:
        name: the prefix of the targets' names. The toolchains are NAME_toolchain, NAME_launch_toolchain and NAME_audit_toolchain.
        hyplink: label of the linker.
        hypcc: label of the compiler wrapper.
        launch: label of the program that starts the default cross compiler.
        constraints: the constraint values of the platform that the programs run on, for example
            `["@platforms//os:linux", "@platforms//cpu:x86_64"]`.
        hypaudit: label of the program that `hyp_provenance` runs. Without it, that is built from source.
    """
    hyplink_toolchain(
        name = name,
        hypcc = hypcc,
        hyplink = hyplink,
        tags = ["manual"],
    )
    native.toolchain(
        name = name + "_toolchain",
        exec_compatible_with = constraints,
        toolchain = ":" + name,
        toolchain_type = Label("//toolchain/hyplink:toolchain_type"),
    )
    launch_toolchain(
        name = name + "_launch",
        launch = launch,
        tags = ["manual"],
    )
    native.toolchain(
        name = name + "_launch_toolchain",
        target_compatible_with = constraints,
        toolchain = ":" + name + "_launch",
        toolchain_type = Label("//toolchain/hyplink:launch_toolchain_type"),
    )
    if hypaudit:
        audit_toolchain(
            name = name + "_audit",
            hypaudit = hypaudit,
            tags = ["manual"],
        )
        native.toolchain(
            name = name + "_audit_toolchain",
            exec_compatible_with = constraints,
            toolchain = ":" + name + "_audit",
            toolchain_type = Label("//toolchain/hyplink:audit_toolchain_type"),
        )
