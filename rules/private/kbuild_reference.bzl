# SPDX-License-Identifier: Apache-2.0

"""kbuild_reference and kbuild_tree: what kbuild makes of a kernel's hypervisor, and the tree that it makes it of, to compare the rules with it."""

load("//rules:providers.bzl", "HypKbuildPackagesInfo", "HypTreeInfo")
load(":kbuild.bzl", "KBUILD_ATTRS", "run_kbuild")
load(":options.bzl", "repository_path")

# A build takes all processors of most machines.
def _resources(_os, _inputs):
    return {"cpu": 2, "memory": 500}

# One configuration for all that depend on it, tests and objects of EL2, so that kbuild runs once.
def _to_arm64(_settings, _attr):
    return {"//command_line_option:platforms": [str(Label("//platforms:arm64"))]}

_one_configuration = transition(
    implementation = _to_arm64,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)

def _paths(headers):
    """Returns the paths of headers in their tree. A repository's own files, in its root directory, are no headers."""
    return [path for path in [repository_path(header) for header in headers] if "/" in path]

def _reference_impl(ctx):
    reference = ctx.actions.declare_file(ctx.label.name + ".tar")
    headers = ctx.actions.declare_file(ctx.label.name + ".headers.txt")
    ctx.actions.write(headers, "".join([path + "\n" for path in _paths(ctx.files.headers)]))
    args = ctx.actions.args()
    args.add(ctx.file.source, format = "-source=%s")
    args.add("-base=" + ctx.attr.base)
    args.add_all(ctx.files.fragments, format_each = "-fragment=%s")
    args.add(headers, format = "-headers=%s")
    args.add(reference, format = "-out=%s")
    run_kbuild(
        ctx,
        ctx.attr.packages[HypKbuildPackagesInfo],
        "reference",
        args,
        inputs = [ctx.file.source, headers] + ctx.files.fragments,
        outputs = [reference],
        mnemonic = "HypKbuildReference",
        progress_message = "Building the hypervisor with kbuild %{label}",
        resource_set = _resources,
    )
    return [DefaultInfo(files = depset([reference]))]

kbuild_reference = rule(
    implementation = _reference_impl,
    doc = """Configures a kernel and builds its nVHE object with kbuild: `HypKbuildReference`, an action of about a minute.

The output is an archive with kbuild's objects, what they were made from, and the output of its dry run (internal/kernel/reference).""",
    attrs = {
        "source": attr.label(
            doc = "The kernel's source, a `.tar.xz` of Debian.",
            allow_single_file = [".tar.xz"],
            mandatory = True,
        ),
        "base": attr.string(
            doc = "The configuration, a target of make.",
            default = "defconfig",
            values = ["allnoconfig", "defconfig"],
        ),
        "fragments": attr.label_list(
            doc = "Settings on top of it. One that kbuild does not take is an error.",
            allow_files = [".config"],
        ),
        "headers": attr.label(
            doc = "The headers of a prepared tree of the same version, by whose paths the archive has those of this one.",
            allow_files = True,
            mandatory = True,
        ),
        "packages": attr.label(
            doc = "The root directory that kbuild runs in, and the compiler.",
            providers = [HypKbuildPackagesInfo],
            cfg = "exec",
            mandatory = True,
        ),
        "_allowlist_function_transition": attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist"),
    } | KBUILD_ATTRS,
    cfg = _one_configuration,
)

def _tree_impl(ctx):
    headers = [ctx.actions.declare_file(path) for path in _paths(ctx.files.headers) + ctx.attr.header_paths]
    config = ctx.actions.declare_file(".config")
    outputs = ctx.outputs.files + headers + [config]
    root = "/".join([part for part in [config.root.path, ctx.label.workspace_root, ctx.label.package] if part])
    paths = ctx.actions.args()
    paths.add_all([output.path.removeprefix(root + "/") for output in outputs])
    flags = ctx.actions.args()
    flags.add(ctx.file.reference, format = "-tree=%s")
    flags.add("-out=" + root)
    ctx.actions.run(
        executable = ctx.executable._kbuild,
        arguments = ["extract", flags, paths],
        inputs = [ctx.file.reference],
        outputs = outputs,
        mnemonic = "HypKbuildTree",
        progress_message = "Extracting the tree of kbuild %{label}",
        env = {},
        toolchain = None,
    )
    return [
        DefaultInfo(files = depset(headers)),
        HypTreeInfo(root = root, checked = config, archive = None),
    ]

kbuild_tree = rule(
    implementation = _tree_impl,
    doc = "The tree of a kbuild_reference: this package's output directory is its root directory. The default outputs are its headers.",
    attrs = {
        "files": attr.output_list(
            doc = "The sources, by their paths in the tree.",
            mandatory = True,
        ),
        "headers": attr.label(
            doc = "That of the kbuild_reference.",
            allow_files = True,
        ),
        "header_paths": attr.string_list(doc = "More headers, by their paths in the tree."),
        "reference": attr.label(
            doc = "The kbuild_reference or kbuild_islands.",
            allow_single_file = [".tar"],
            mandatory = True,
        ),
    } | KBUILD_ATTRS,
    provides = [HypTreeInfo],
)
