# SPDX-License-Identifier: Apache-2.0

"""Features of link, archive and strip actions: static executables and archives."""

load("@rules_cc//cc:cc_toolchain_config_lib.bzl", "feature", "flag_group", "flag_set", "variable_with_value")
load(":cc_actions.bzl", "ARCHIVE", "LINK_EXECUTABLE", "STRIP")

def _enabled(name, action, groups):
    return feature(
        name = name,
        enabled = True,
        flag_sets = [flag_set(actions = [action], flag_groups = groups)],
    )

def _library(kind, flags):
    """The flags of one element of `libraries_to_link`, in --whole-archive if Bazel asks for it."""
    return flag_group(
        expand_if_equal = variable_with_value(name = "libraries_to_link.type", value = kind),
        flag_groups = [
            flag_group(flags = ["-Wl,-whole-archive"], expand_if_true = "libraries_to_link.is_whole_archive"),
            flags,
            flag_group(flags = ["-Wl,-no-whole-archive"], expand_if_true = "libraries_to_link.is_whole_archive"),
        ],
    )

def _libraries_to_link():
    name = ["%{libraries_to_link.name}"]
    return flag_group(
        iterate_over = "libraries_to_link",
        expand_if_available = "libraries_to_link",
        flag_groups = [
            _library("object_file_group", flag_group(
                iterate_over = "libraries_to_link.object_files",
                flags = ["%{libraries_to_link.object_files}"],
            )),
            _library("object_file", flag_group(flags = name)),
            _library("static_library", flag_group(flags = name)),
            _library("interface_library", flag_group(flags = name)),
            _library("dynamic_library", flag_group(flags = ["-l%{libraries_to_link.name}"])),
        ],
    )

# What each compiler's driver needs for a static executable at fixed addresses.
_STATIC = {
    # With -static, clang makes no position-independent executable.
    "clang": ["-static", "-fuse-ld=lld"],
    "gcc": ["-static", "-no-pie", "-fno-use-linker-plugin"],
}

def link_features(bare, compiler):
    """Returns the features of link, archive and strip actions.

    Args:
        bare: bool, whether there is no operating system and no C library.
        compiler: string, the compiler's family, `clang` or `gcc`.

    Returns:
        A list of features, in the order of the flags.
    """
    defaults = _STATIC[compiler]
    if bare:
        # Start files and the memory layout are up to the user: -T in linkopts.
        defaults = ["-nostdlib"] + defaults
    parameter_file = [flag_group(flags = ["@%{linker_param_file}"], expand_if_available = "linker_param_file")]
    return [
        _enabled("default_link_flags", LINK_EXECUTABLE, [flag_group(flags = defaults)]),
        _enabled("output_execpath_flags", LINK_EXECUTABLE, [
            flag_group(flags = ["-o", "%{output_execpath}"], expand_if_available = "output_execpath"),
        ]),
        _enabled("library_search_directories", LINK_EXECUTABLE, [
            flag_group(
                flags = ["-L%{library_search_directories}"],
                iterate_over = "library_search_directories",
                expand_if_available = "library_search_directories",
            ),
        ]),
        _enabled("libraries_to_link", LINK_EXECUTABLE, [_libraries_to_link()]),
        _enabled("user_link_flags", LINK_EXECUTABLE, [
            flag_group(
                flags = ["%{user_link_flags}"],
                iterate_over = "user_link_flags",
                expand_if_available = "user_link_flags",
            ),
        ]),
        # Bazel's --strip: the linker removes debug information.
        _enabled("strip_debug_symbols", LINK_EXECUTABLE, [
            flag_group(flags = ["-Wl,-S"], expand_if_available = "strip_debug_symbols"),
        ]),
        _enabled("linker_param_file", LINK_EXECUTABLE, parameter_file),
        # D: no timestamp, user or mode in an archive.
        _enabled("archiver_flags", ARCHIVE, [
            flag_group(flags = ["rcsD"]),
            flag_group(flags = ["%{output_execpath}"], expand_if_available = "output_execpath"),
            flag_group(
                iterate_over = "libraries_to_link",
                expand_if_available = "libraries_to_link",
                flag_groups = [
                    flag_group(
                        expand_if_equal = variable_with_value(name = "libraries_to_link.type", value = "object_file"),
                        flags = ["%{libraries_to_link.name}"],
                    ),
                    flag_group(
                        expand_if_equal = variable_with_value(name = "libraries_to_link.type", value = "object_file_group"),
                        iterate_over = "libraries_to_link.object_files",
                        flags = ["%{libraries_to_link.object_files}"],
                    ),
                ],
            ),
        ]),
        _enabled("archive_param_file", ARCHIVE, parameter_file),
        _enabled("strip_flags", STRIP, [
            flag_group(flags = ["-S", "-p", "-D"]),
            flag_group(flags = ["%{stripopts}"], iterate_over = "stripopts", expand_if_available = "stripopts"),
            flag_group(flags = ["-o", "%{output_file}"]),
            flag_group(flags = ["%{input_file}"]),
        ]),
    ]
