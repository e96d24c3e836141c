# SPDX-License-Identifier: Apache-2.0

"""hyp_tree: a kernel tree that hypgen has described: whether it is still the same, and headers that it has besides those of the manifest."""

load("@bazel_skylib//rules:common_settings.bzl", "BuildSettingInfo")
load("//rules:providers.bzl", "HypTreeInfo")
load(":paths.bzl", "PATH_MAPPING")
load(":toolchains.bzl", "TREE", "TREE_GROUPS", "hyplink_tools")

_ATTRS = {
    "kbuild_files": attr.label_list(
        doc = "The files that decide what kbuild does: `.config` and the Makefiles, `@linux//:kbuild_files`. Others than those of the manifest do not matter.",
        allow_files = True,
    ),
    "manifest": attr.label(
        doc = "The header manifest of hypgen, which has a fingerprint of each of these files.",
        allow_single_file = True,
        mandatory = True,
    ),
    "optional_hdrs": attr.label_list(
        doc = "Headers that no source includes yet, `@linux//:optional_headers`. A source that includes one of them compiles, and is compiled again when one of " +
              "them changes; other compiles are not. `--@rules_hyp//rules:optional_headers=false` leaves them out.",
        allow_files = True,
    ),
    "_optional": attr.label(default = Label("//rules:optional_headers")),
    "regenerate": attr.string(doc = "The command that writes the manifest and the BUILD file again, for the error message."),
    "root": attr.label(
        doc = "A file in the tree's root directory, `@linux//:BUILD.bazel`.",
        allow_single_file = True,
        mandatory = True,
    ),
}

def _check(ctx, tools, root):
    output = ctx.actions.declare_file(ctx.label.name + ".checked")
    args = ctx.actions.args()
    args.add("check-tree")
    args.add(ctx.file.manifest, format = "--manifest=%s")
    args.add("--root=" + root)
    args.add("--label=%s" % ctx.label)
    args.add(output, format = "--output=%s")
    if ctx.attr.regenerate:
        args.add("--regenerate=" + ctx.attr.regenerate)
    args.add_all(ctx.files.kbuild_files, expand_directories = False)
    ctx.actions.run(
        executable = tools.hypcc,
        arguments = [args],
        inputs = depset([ctx.file.manifest] + ctx.files.kbuild_files),
        outputs = [output],
        execution_requirements = PATH_MAPPING,
        mnemonic = "HypTreeCheck",
        progress_message = "Comparing the kernel tree with the files of hypgen %{label}",
        exec_group = TREE,
    )
    return output

def _archive(ctx, tools):
    output = ctx.actions.declare_file(ctx.label.name + ".headers.zip")
    command = ctx.actions.args()
    command.add("archive-headers")
    command.add(output)
    names = ctx.actions.args()
    names.use_param_file("%s", use_always = True)
    names.set_param_file_format("multiline")
    names.add_all(ctx.files.optional_hdrs, expand_directories = False)
    ctx.actions.run(
        executable = tools.hypcc,
        arguments = [command, names],
        inputs = ctx.files.optional_hdrs,
        outputs = [output],
        execution_requirements = PATH_MAPPING,
        mnemonic = "HypHeaderArchive",
        progress_message = "Archiving optional headers %{label}",
        exec_group = TREE,
    )
    return output

def _impl(ctx):
    tools = hyplink_tools(ctx, TREE)
    root = ctx.attr.root.label.workspace_root or "."
    checked = _check(ctx, tools, root)
    archive = None
    if ctx.files.optional_hdrs and ctx.attr._optional[BuildSettingInfo].value:
        archive = _archive(ctx, tools)
    return [
        DefaultInfo(files = depset([checked])),
        HypTreeInfo(
            root = root,
            checked = checked,
            archive = archive,
            optional = depset(ctx.files.optional_hdrs if archive else []),
            regenerate = ctx.attr.regenerate,
        ),
    ]

hyp_tree = rule(
    implementation = _impl,
    doc = """A kernel tree, for the attribute `tree` of hyp_library and hyp_linker_script; written by hypgen.

Nothing is compiled if the tree is not the one that hypgen has seen: if `.config` or a Makefile of the directory or of kbuild is another one, the
build fails in the action `HypTreeCheck` and names it. Only a kernel that was downloaded is not compared in full, since it does not change.

The actions are in the execution group `tree`.""",
    attrs = _ATTRS,
    exec_groups = TREE_GROUPS,
    provides = [HypTreeInfo],
)
