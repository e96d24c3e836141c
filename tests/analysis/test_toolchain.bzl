# SPDX-License-Identifier: Apache-2.0

"""A C toolchain for analysis only: it shows which of a toolchain's options reach a compile."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc:cc_toolchain_config_lib.bzl", "action_config", "feature", "flag_group", "flag_set", "tool", "variable_with_value")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/toolchains:cc_toolchain_config_info.bzl", "CcToolchainConfigInfo")

# What cc_library, cc_binary and cc_shared_library need.
_LINKS = [ACTION_NAMES.cpp_link_executable, ACTION_NAMES.cpp_link_dynamic_library, ACTION_NAMES.cpp_link_nodeps_dynamic_library]
_OF_CC_RULES = _LINKS + [ACTION_NAMES.cpp_compile, ACTION_NAMES.cpp_link_static_library, ACTION_NAMES.strip]

_COMPILES = [ACTION_NAMES.c_compile, ACTION_NAMES.preprocess_assemble, ACTION_NAMES.assemble]

def _flags(name, flags, enabled = True):
    return feature(
        name = name,
        enabled = enabled,
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
            for action in _COMPILES + _OF_CC_RULES
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
            feature(
                name = "user_link_flags",
                enabled = True,
                flag_sets = [flag_set(actions = _LINKS, flag_groups = [flag_group(
                    flags = ["%{user_link_flags}"],
                    iterate_over = "user_link_flags",
                    expand_if_available = "user_link_flags",
                )])],
            ),
            feature(
                name = "libraries_to_link",
                enabled = True,
                flag_sets = [flag_set(actions = _LINKS, flag_groups = [flag_group(
                    iterate_over = "libraries_to_link",
                    expand_if_available = "libraries_to_link",
                    flag_groups = [
                        flag_group(
                            expand_if_equal = variable_with_value(name = "libraries_to_link.type", value = kind),
                            flags = ["%{libraries_to_link.name}"],
                        )
                        for kind in ["object_file", "static_library"]
                    ],
                )])],
            ),
            feature(name = "supports_dynamic_linker", enabled = True),
            _flags("hermetic_flags", ["-no-canonical-prefixes"]),
            _flags("extra", ["-DEXTRA"], enabled = False),
            _flags("pic", ["-fPIC"], enabled = False),
        ],
    )

test_toolchain_config = rule(
    implementation = _impl,
    provides = [CcToolchainConfigInfo],
)
