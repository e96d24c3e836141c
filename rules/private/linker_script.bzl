# SPDX-License-Identifier: Apache-2.0

"""hyp_linker_script: preprocesses a linker script."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:providers.bzl", "HypLinkerScriptInfo")
load(":compile.bzl", "compiler_for", "run_compiler", "toolchain_options")
load(":context.bzl", "context_args")
load(":missing_source.bzl", "refuse_missing")
load(":options.bzl", "TOOLCHAIN_FLAGS_DOC", "TREE_DOC", "VARIABLES_DOC", "expand_options", "repository_path")
load(":paths.bzl", "add_mapped")
load(":toolchains.bzl", "COMPILE_GROUPS")

_ACTION = ACTION_NAMES.preprocess_assemble

_ATTRS = {
    "src": attr.label(
        doc = "The script. A `.lds.S` is preprocessed; a `.lds` or `.ld` is used as is.",
        allow_single_file = [".lds.S", ".lds", ".ld"],
        mandatory = True,
    ),
    "hdrs": attr.label_list(doc = "Headers that the script may include.", allow_files = True),
    "deps": attr.label_list(doc = "hyp_library or cc_library targets, for their headers, includes and defines.", providers = [CcInfo]),
    "copts": attr.string_list(
        doc = "Options for the preprocessor; each string is one argument. `-P` is removed: hyplink's errors need the line markers. Expanded are " +
              VARIABLES_DOC + "`src`, `hdrs` or `deps`. `$$` is a dollar sign.",
    ),
    "includes": attr.string_list(doc = "Directories below the package for `-I`."),
    "defines": attr.string_list(doc = "Macros for `-D`, `NAME` or `NAME=VALUE`. Expanded as `copts`."),
    "tree": attr.label(doc = TREE_DOC, allow_files = True),
    "toolchain_flags": attr.bool(
        doc = TOOLCHAIN_FLAGS_DOC + " If True, kbuild's `-D__ASSEMBLY__ -DLINKER_SCRIPT` are added as well; if False, `copts` must have them.",
        default = True,
    ),
}

def _keeps_markers(flag):
    # -P removes the line markers; -g adds one with the working directory.
    return flag != "-P" and not flag.startswith("-g")

def _preprocess(ctx):
    """Registers the preprocessing action and returns the preprocessed script."""
    copts = expand_options(ctx, ctx.attr.copts, "copts")
    compiler = compiler_for(ctx, [ctx.file.src], [copts])
    output = ctx.actions.declare_file("%s/%s" % (ctx.label.name, ctx.file.src.basename[:-len(".S")]))
    before = ctx.actions.args()
    add_mapped(ctx, before, output, [f for f in toolchain_options(ctx, compiler, _ACTION) if _keeps_markers(f)])
    after = ctx.actions.args()
    if ctx.attr.toolchain_flags:
        after.add_all(["-D__ASSEMBLY__", "-DLINKER_SCRIPT"])
    add_mapped(ctx, after, output, [f for f in copts if _keeps_markers(f)])
    after.add_all(["-E", "-x", "assembler-with-cpp"])
    run_compiler(
        ctx,
        compiler,
        action_name = _ACTION,
        source = ctx.file.src,
        output = output,
        options = [before, context_args(ctx, compiler, output), after],
        mnemonic = "HypLinkerScript",
        progress_message = "Preprocessing linker script %s" % repository_path(ctx.file.src),
    )
    return output

def _impl(ctx):
    refuse_missing(ctx, [ctx.attr.src], "src")
    script = ctx.file.src
    if script.extension == "S":
        script = _preprocess(ctx)
    elif ctx.attr.copts or ctx.attr.defines or ctx.attr.includes:
        fail("%s: copts, defines and includes need a src that is preprocessed, got %s; rename it to %s.S [E9210]" % (
            ctx.label,
            script.basename,
            script.basename,
        ))
    return [
        DefaultInfo(files = depset([script])),
        HypLinkerScriptInfo(script = script, source = ctx.file.src),
    ]

hyp_linker_script = rule(
    implementation = _impl,
    doc = """Prepares a linker script for hyp_object.

A `.lds.S` is preprocessed as in kbuild (mnemonic `HypLinkerScript`), but keeps line markers, so that link errors name the line in the source. The
command line is, in this order: the compiler of the resolved C toolchain, the toolchain's options and `--copt`, the defines and include directories
of this target and its deps, `copts`, `-E -x assembler-with-cpp`. The action is in the execution group `compile`.

Like hyp_library, it is built for its configuration's platform: set `target_compatible_with = ["@platforms//cpu:aarch64"]`.""",
    attrs = _ATTRS,
    exec_groups = COMPILE_GROUPS,
    fragments = ["cpp", "platform"],
    provides = [HypLinkerScriptInfo],
)
