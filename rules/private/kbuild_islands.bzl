# SPDX-License-Identifier: Apache-2.0

"""kbuild_islands: what kbuild makes of the directories of a kernel whose objects are renamed one by one, to compare the rules with it."""

load("//rules:providers.bzl", "HypKbuildPackagesInfo")
load(":kbuild.bzl", "KBUILD_ATTRS", "run_kbuild")

# A build takes all processors of most machines.
def _resources(_os, _inputs):
    return {"cpu": 2, "memory": 500}

# One configuration for all that depend on it, so that kbuild runs once.
def _to_arm64(_settings, _attr):
    return {"//command_line_option:platforms": [str(Label("//platforms:arm64"))]}

_one_configuration = transition(
    implementation = _to_arm64,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)

def _impl(ctx):
    islands = ctx.actions.declare_file(ctx.label.name + ".tar")

    # The script unpacks the source itself.
    tree = ctx.actions.declare_file(ctx.label.name + ".empty.tar")
    ctx.actions.write(tree, "")
    args = ctx.actions.args()
    args.add(tree, format = "-tree=%s")
    args.add(ctx.file.script, format = "-script=%s")
    args.add(ctx.file.source, format = "-in=source.tar.xz=%s")
    args.add(islands, format = "-out=islands.tar=%s")
    run_kbuild(
        ctx,
        ctx.attr.packages[HypKbuildPackagesInfo],
        "run",
        args,
        inputs = [tree, ctx.file.script, ctx.file.source],
        outputs = [islands],
        mnemonic = "HypKbuildIslands",
        progress_message = "Building islands with kbuild %{label}",
        resource_set = _resources,
    )
    return [DefaultInfo(files = depset([islands]))]

kbuild_islands = rule(
    implementation = _impl,
    doc = """Builds `pi`, the EFI stub and the vDSO of a kernel with kbuild: `HypKbuildIslands`, an action of about two minutes.

The output is an archive with kbuild's objects, the files that they were made from, and the output of a dry run for each directory.""",
    attrs = {
        "packages": attr.label(
            doc = "The root directory that kbuild runs in, and the compiler.",
            providers = [HypKbuildPackagesInfo],
            cfg = "exec",
            mandatory = True,
        ),
        "script": attr.label(
            doc = "What runs there.",
            allow_single_file = [".sh"],
            mandatory = True,
        ),
        "source": attr.label(
            doc = "The kernel's source, a `.tar.xz` of Debian.",
            allow_single_file = [".tar.xz"],
            mandatory = True,
        ),
        "_allowlist_function_transition": attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist"),
    } | KBUILD_ATTRS,
    cfg = _one_configuration,
)
