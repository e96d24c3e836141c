# SPDX-License-Identifier: Apache-2.0

"""A C toolchain for analysis only: it shows which of a toolchain's options reach a compile."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc:cc_toolchain_config_lib.bzl", "action_config", "feature", "flag_group", "flag_set", "tool")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/toolchains:cc_toolchain_config_info.bzl", "CcToolchainConfigInfo")

_COMPILES = [ACTION_NAMES.c_compile, ACTION_NAMES.preprocess_assemble, ACTION_NAMES.assemble]

def _flags(name, flags):
    return feature(
        name = name,
        enabled = True,
        flag_sets = [flag_set(actions = _COMPILES, flag_groups = [flag_group(flags = flags)])],
    )

def _impl(ctx):
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        toolchain_identifier = "test",
        compiler = "gcc",
        target_cpu = "aarch64",
        target_system_name = "aarch64",
        target_libc = "none",
        abi_version = "none",
        abi_libc_version = "none",
        action_configs = [
            action_config(action_name = action, enabled = True, tools = [tool(path = "/nowhere/gcc")])
            for action in _COMPILES
        ],
        features = [
            feature(name = "no_legacy_features", enabled = True),
            _flags("default_compile_flags", [
                "-O1",
                "-pg",
                "-fstack-protector-strong",
                "-fpatchable-function-entry=4,2",
                "-fsanitize=shadow-call-stack",
                "-Xclang",
                "-fprofile-arcs",
            ]),
            _flags("hermetic_flags", ["-no-canonical-prefixes"]),
        ],
    )

test_toolchain_config = rule(
    implementation = _impl,
    provides = [CcToolchainConfigInfo],
)
