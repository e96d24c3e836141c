# SPDX-License-Identifier: Apache-2.0

"""Features of compile actions.

Each says how one of Bazel's build variables is written for GCC. Only `default_compile_flags` adds further flags. A rule may disable it: its
command line is then exactly what it passes as `user_compile_flags`.
"""

load("@rules_cc//cc:cc_toolchain_config_lib.bzl", "feature", "flag_group", "flag_set", "with_feature_set")
load(":cc_actions.bzl", "COMPILE", "CPP", "PREPROCESS", "SOURCES")

def _one(name, actions, flags, variable = None, each = None):
    """An enabled feature with one flag group, used if a variable is set, or repeated for each of its values."""
    return feature(
        name = name,
        enabled = True,
        flag_sets = [flag_set(
            actions = actions,
            flag_groups = [flag_group(
                flags = flags,
                expand_if_available = variable or each,
                iterate_over = each,
            )],
        )],
    )

def _default_compile_flags(bare):
    # Debian's GCC makes position-independent code by default; EL2 code and static programs are not position-independent.
    always = ["-fno-pie"] + (["-ffreestanding"] if bare else [])
    return feature(
        name = "default_compile_flags",
        enabled = True,
        flag_sets = [
            flag_set(
                actions = COMPILE,
                flag_groups = [flag_group(flags = always)],
            ),
            flag_set(
                actions = SOURCES,
                flag_groups = [flag_group(flags = ["-g"])],
                with_features = [with_feature_set(features = ["dbg"])],
            ),
            flag_set(
                actions = COMPILE,
                flag_groups = [flag_group(flags = ["-O2", "-DNDEBUG"])],
                with_features = [with_feature_set(features = ["opt"])],
            ),
        ],
    )

def compile_features(bare):
    """Returns the features of compile actions.

    Args:
        bare: bool, whether there is no operating system and no C library.

    Returns:
        A list of features, in the order of the flags.
    """
    return [
        _default_compile_flags(bare),
        # Bazel asks for position-independent code only if the toolchain has this feature enabled: --features=supports_pic.
        feature(name = "supports_pic"),
        _one("pic", SOURCES, ["-fPIC"], variable = "pic"),
        _one("random_seed", CPP, ["-frandom-seed=%{output_file}"], variable = "output_file"),
        _one("dependency_file", PREPROCESS, ["-MD", "-MF", "%{dependency_file}"], variable = "dependency_file"),
        _one("preprocessor_defines", PREPROCESS, ["-D%{preprocessor_defines}"], each = "preprocessor_defines"),
        _one("includes", PREPROCESS, ["-include", "%{includes}"], each = "includes"),
        feature(
            name = "include_paths",
            enabled = True,
            flag_sets = [flag_set(
                actions = PREPROCESS,
                flag_groups = [
                    flag_group(flags = ["-iquote", "%{quote_include_paths}"], iterate_over = "quote_include_paths"),
                    flag_group(flags = ["-I%{include_paths}"], iterate_over = "include_paths"),
                    flag_group(flags = ["-isystem", "%{system_include_paths}"], iterate_over = "system_include_paths"),
                ],
            )],
        ),
        _one(
            "external_include_paths",
            PREPROCESS,
            ["-isystem", "%{external_include_paths}"],
            each = "external_include_paths",
        ),
        _one("user_compile_flags", SOURCES, ["%{user_compile_flags}"], each = "user_compile_flags"),
        _one("compiler_input_flags", SOURCES, ["-c", "%{source_file}"], variable = "source_file"),
        feature(
            name = "compiler_output_flags",
            enabled = True,
            flag_sets = [flag_set(
                actions = SOURCES,
                flag_groups = [
                    flag_group(flags = ["-S"], expand_if_available = "output_assembly_file"),
                    flag_group(flags = ["-E"], expand_if_available = "output_preprocess_file"),
                    flag_group(flags = ["-o", "%{output_file}"], expand_if_available = "output_file"),
                ],
            )],
        ),
    ]
