# SPDX-License-Identifier: Apache-2.0

"""The configuration of a clang of one's own: docs/own-toolchain.md has this file."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc:cc_toolchain_config_lib.bzl", "action_config", "feature", "flag_group", "flag_set", "tool")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/toolchains:cc_toolchain_config_info.bzl", "CcToolchainConfigInfo")

# What hyp_library and hyp_linker_script run.
_COMPILES = [
    ACTION_NAMES.c_compile,  # .c, and linker scripts
    ACTION_NAMES.preprocess_assemble,  # .S
    ACTION_NAMES.assemble,  # .s
]

def _own_toolchain_config_impl(ctx):
    # The compiler's own headers, outside of which sources may not read files that are not inputs.
    headers = {file.dirname: None for file in ctx.files.compiler_files if file.basename == "stddef.h"}
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        toolchain_identifier = ctx.label.name,
        compiler = "clang",
        target_cpu = "aarch64",
        target_system_name = "aarch64-none-elf",
        target_libc = "none",
        abi_version = "lp64",
        abi_libc_version = "none",
        cxx_builtin_include_directories = ["%workspace%/" + directory for directory in headers],
        action_configs = [
            action_config(action_name = name, enabled = True, tools = [tool(tool = ctx.executable.compiler)])
            for name in _COMPILES
        ],
        features = [
            # This name: targets with exactly their own flags turn it off.
            feature(
                name = "default_compile_flags",
                enabled = True,
                flag_sets = [flag_set(actions = _COMPILES, flag_groups = [flag_group(flags = ctx.attr.flags)])],
            ),
        ],
    )

own_toolchain_config = rule(
    implementation = _own_toolchain_config_impl,
    provides = [CcToolchainConfigInfo],
    attrs = {
        "compiler": attr.label(mandatory = True, allow_files = True, executable = True, cfg = "exec"),
        "compiler_files": attr.label_list(mandatory = True, allow_files = True, cfg = "exec"),
        "flags": attr.string_list(),
    },
)
