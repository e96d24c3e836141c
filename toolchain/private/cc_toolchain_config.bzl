# SPDX-License-Identifier: Apache-2.0

"""The configuration of a packaged compiler: its programs and its command lines."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc:cc_toolchain_config_lib.bzl", "action_config", "feature", "tool")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/toolchains:cc_toolchain_config_info.bzl", "CcToolchainConfigInfo")
load(":cc_actions.bzl", "ARCHIVE", "LINK_EXECUTABLE", "SOURCES", "STRIP")
load(":cc_compile_features.bzl", "compile_features")
load(":cc_link_features.bzl", "link_features")

def _actions(names, executable):
    return [action_config(action_name = name, enabled = True, tools = [tool(tool = executable)]) for name in names]

def _packaged_toolchain_config_impl(ctx):
    # Bazel takes a relative path as relative to the toolchain's package.
    root = "%workspace%/" + ctx.file.root.owner.workspace_root
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        toolchain_identifier = ctx.label.name,
        # For select() on @rules_cc//cc/compiler.
        compiler = ctx.attr.compiler,
        target_cpu = "aarch64",
        target_system_name = "aarch64-none-elf" if ctx.attr.bare else "aarch64-linux-gnu",
        target_libc = "none" if ctx.attr.bare else "glibc",
        abi_version = "lp64",
        abi_libc_version = "none" if ctx.attr.bare else "2.36",
        cxx_builtin_include_directories = ["%s/%s" % (root, directory) for directory in ctx.attr.include_directories],
        action_configs = _actions(SOURCES + [LINK_EXECUTABLE], ctx.executable.driver) +
                         _actions([ARCHIVE], ctx.executable.ar) +
                         _actions([STRIP], ctx.executable.strip) +
                         _actions([ACTION_NAMES.objcopy_embed_data], ctx.executable.objcopy),
        features = [
            # Bazel adds its own features and flags otherwise.
            feature(name = "no_legacy_features"),
            feature(name = "opt"),
            feature(name = "dbg"),
            feature(name = "fastbuild"),
        ] + compile_features(ctx.attr.bare) + link_features(ctx.attr.bare, ctx.attr.compiler),
    )

def _program(doc):
    return attr.label(doc = doc, mandatory = True, executable = True, cfg = "exec")

packaged_toolchain_config = rule(
    doc = "The configuration of a cc_toolchain whose programs are `packaged_tool`s.",
    implementation = _packaged_toolchain_config_impl,
    provides = [CcToolchainConfigInfo],
    attrs = {
        "ar": _program("The archiver."),
        "bare": attr.bool(
            doc = "Whether programs run without an operating system: no C library, no start files, no position-independent code.",
            mandatory = True,
        ),
        "compiler": attr.string(
            doc = "The compiler's family.",
            mandatory = True,
            values = ["clang", "gcc"],
        ),
        "driver": _program("The compiler driver, which compiles, preprocesses, assembles and links."),
        "include_directories": attr.string_list(
            doc = "The directories of the compiler's own headers and of the C library's, relative to the packages' root.",
            mandatory = True,
        ),
        "objcopy": _program("objcopy."),
        "root": attr.label(
            doc = "Any file of the packages' repository.",
            allow_single_file = True,
            mandatory = True,
        ),
        "strip": _program("strip."),
    },
)
