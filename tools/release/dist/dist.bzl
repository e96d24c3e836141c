# SPDX-License-Identifier: Apache-2.0

"""The files of a release that are not programs: the source archive, the checksums, and the description."""

_PACK = {
    "_pack": attr.label(
        default = "//tools/release/pack",
        executable = True,
        cfg = "exec",
    ),
}

def _source_archive_impl(ctx):
    output = ctx.actions.declare_file(ctx.label.name + ".tar.gz")
    args = ctx.actions.args()
    args.add("source")
    args.add(output)
    args.add(ctx.label.name)
    args.add(ctx.file.manifest)
    ctx.actions.run(
        executable = ctx.executable._pack,
        arguments = [args],
        inputs = depset([ctx.file.manifest], transitive = [ctx.attr.files[DefaultInfo].files]),
        outputs = [output],
        mnemonic = "HypSourceArchive",
        progress_message = "Packing %{label}",
    )
    return [DefaultInfo(files = depset([output]))]

source_archive = rule(
    implementation = _source_archive_impl,
    doc = "Packs the repository's files into NAME.tar.gz, below the directory NAME: a Bazel module.",
    attrs = {
        "files": attr.label(
            doc = "The files, as `//tests/lint:sources.bzl` has them.",
            mandatory = True,
        ),
        "manifest": attr.label(
            allow_single_file = True,
            doc = "Their list.",
            mandatory = True,
        ),
    } | _PACK,
)

def _release_list_impl(ctx):
    sums = ctx.actions.declare_file("SHA256SUMS")
    description = ctx.actions.declare_file(ctx.label.name + ".json")
    status = [ctx.info_file] if ctx.attr.stamp else []
    args = ctx.actions.args()
    args.add("list")
    args.add(sums)
    args.add(description)
    args.add(ctx.attr.version)
    args.add(status[0] if status else "")
    args.add_all(ctx.files.files)
    ctx.actions.run(
        executable = ctx.executable._pack,
        arguments = [args],
        inputs = depset(status + ctx.files.files),
        outputs = [sums, description],
        mnemonic = "HypReleaseList",
        progress_message = "Listing the files of %{label}",
    )
    return [DefaultInfo(files = depset([sums, description]))]

release_list = rule(
    implementation = _release_list_impl,
    doc = "Writes SHA256SUMS, and NAME.json: the version, the commit if the build is stamped, and the files with their sizes and hashes.",
    attrs = {
        "files": attr.label_list(
            allow_files = True,
            doc = "The files of the release.",
            mandatory = True,
        ),
        "stamp": attr.bool(doc = "Whether the workspace status has the commit."),
        "version": attr.string(
            doc = "The release's version.",
            mandatory = True,
        ),
    } | _PACK,
)
