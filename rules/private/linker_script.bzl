"""hyp_linker_script: runs the C preprocessor over a linker script."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:providers.bzl", "HypLinkerScriptInfo")
load(":compile.bzl", "compiler_for", "context_args", "run_compiler", "toolchain_options")
load(":options.bzl", "TOOLCHAIN_FLAGS_DOC", "TREE_DOC", "expand_options", "repository_path")
load(":toolchains.bzl", "CC_TOOLCHAIN", "HYPLINK_TOOLCHAIN")

_ACTION = ACTION_NAMES.preprocess_assemble

_ATTRS = {
    "src": attr.label(
        doc = "The script: `.lds.S` goes through the preprocessor, `.lds` or `.ld` is taken as it is.",
        allow_single_file = [".lds.S", ".lds", ".ld"],
        mandatory = True,
    ),
    "hdrs": attr.label_list(doc = "The headers that the script may include.", allow_files = True),
    "deps": attr.label_list(doc = "hyp_library or cc_library targets, of which the headers, includes and defines are used.", providers = [CcInfo]),
    "copts": attr.string_list(doc = "Options for the preprocessor, each one argument as it is written. `-P` is left out: hyplink's errors need the line markers."),
    "includes": attr.string_list(doc = "Folders below the package for `-I`."),
    "defines": attr.string_list(doc = "Macros, `NAME` or `NAME=VALUE`, for `-D`."),
    "tree": attr.label(doc = TREE_DOC, allow_files = True),
    "toolchain_flags": attr.bool(
        doc = TOOLCHAIN_FLAGS_DOC + " With True the script is also given kbuild's `-D__ASSEMBLY__ -DLINKER_SCRIPT`; with False these stand in `copts`.",
        default = True,
    ),
}

def _keeps_markers(flag):
    # -P drops the line markers; -g would add one that names the working directory.
    return flag != "-P" and not flag.startswith("-g")

def _preprocess(ctx):
    """Registers the action and returns the preprocessed script."""
    compiler = compiler_for(ctx)
    output = ctx.actions.declare_file("%s/%s" % (ctx.label.name, ctx.file.src.basename[:-len(".S")]))
    before = ctx.actions.args()
    before.add_all([f for f in toolchain_options(ctx, compiler, _ACTION) if _keeps_markers(f)])
    behind = ctx.actions.args()
    if ctx.attr.toolchain_flags:
        behind.add_all(["-D__ASSEMBLY__", "-DLINKER_SCRIPT"])
    behind.add_all([f for f in expand_options(ctx, ctx.attr.copts, "copts") if _keeps_markers(f)])
    behind.add_all(["-E", "-x", "assembler-with-cpp"])
    run_compiler(
        ctx,
        compiler,
        action_name = _ACTION,
        source = ctx.file.src,
        output = output,
        options = [before, context_args(ctx, compiler), behind],
        mnemonic = "HypLinkerScript",
        progress_message = "Preprocessing linker script %s" % repository_path(ctx.file.src),
    )
    return output

def _impl(ctx):
    script = ctx.file.src
    if script.extension == "S":
        script = _preprocess(ctx)
    elif ctx.attr.copts or ctx.attr.defines or ctx.attr.includes:
        fail("%s: copts, defines and includes need a src that is preprocessed, got %s; rename it to %s.S" % (
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
    doc = """Makes a linker script ready for hyp_object.

A `.lds.S` is preprocessed as kbuild does it (mnemonic `HypLinkerScript`), but with line markers, so that an error of the link names
the line of the source. The command is, in this order: the compiler of the resolved C toolchain, the toolchain's options
and `--copt`, the defines and include folders of this target and its deps, `copts`, `-E -x assembler-with-cpp`.

Like hyp_library it is built for the platform it is asked for: give it `target_compatible_with = ["@platforms//cpu:aarch64"]`.""",
    attrs = _ATTRS,
    fragments = ["cpp", "platform"],
    provides = [HypLinkerScriptInfo],
    toolchains = [CC_TOOLCHAIN, HYPLINK_TOOLCHAIN],
)
