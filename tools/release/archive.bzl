# SPDX-License-Identifier: Apache-2.0

"""program_archive: an archive of programs for another platform than the build's."""

load("@io_bazel_rules_go//go:def.bzl", "go_cross_binary")

def _archive_impl(ctx):
    output = ctx.actions.declare_file(ctx.label.name + ".tar.gz")
    args = ctx.actions.args()
    args.add("programs")
    args.add(output)
    for program, name in ctx.attr.programs.items():
        args.add(program[DefaultInfo].files_to_run.executable, format = name + "=%s")
    args.add_all([ctx.file.manual], expand_directories = False, format_each = "share=%s")
    ctx.actions.run(
        executable = ctx.executable._pack,
        arguments = [args],
        inputs = [program[DefaultInfo].files_to_run.executable for program in ctx.attr.programs] + [ctx.file.manual],
        outputs = [output],
        mnemonic = "HypReleaseArchive",
        progress_message = "Packing %{label}",
    )
    return [DefaultInfo(files = depset([output]))]

_archive = rule(
    implementation = _archive_impl,
    doc = "Packs programs and their manual into NAME.tar.gz.",
    attrs = {
        "manual": attr.label(
            allow_single_file = True,
            mandatory = True,
        ),
        "programs": attr.label_keyed_string_dict(
            doc = "The programs, and their names in the archive.",
            mandatory = True,
        ),
        "_pack": attr.label(
            default = "//tools/release/pack",
            executable = True,
            cfg = "exec",
        ),
    },
)

def _manual_impl(ctx):
    directory = ctx.actions.declare_directory(ctx.label.name)
    programs = [program[DefaultInfo].files_to_run for program in ctx.attr.programs]
    args = ctx.actions.args()
    args.add_all([directory], expand_directories = False)
    args.add_all([program.executable for program in programs])
    ctx.actions.run(
        executable = ctx.executable._manual,
        arguments = [args],
        tools = programs,
        outputs = [directory],
        mnemonic = "HypManual",
        progress_message = "Writing the manual %{label}",
    )
    return [DefaultInfo(files = depset([directory]))]

manual = rule(
    implementation = _manual_impl,
    doc = "Writes a directory with the manual pages of programs, and their completion in shells, from what they say about themselves.",
    attrs = {
        "programs": attr.label_list(
            # The build runs them, whatever platforms archives are made for.
            cfg = "exec",
            mandatory = True,
        ),
        "_manual": attr.label(
            default = "//tools/release/manual",
            executable = True,
            cfg = "exec",
        ),
    },
)

def program_archive(name, manual, platform, programs, visibility = None):
    """Declares NAME.tar.gz, with Go programs for one platform, and their manual.

    Args:
        name: the archive's name, without the extension.
        manual: label of the directory with the manual, which is `share` in the archive.
        platform: label of the platform that the programs run on.
        programs: dict from label of a go_binary to its name in the archive.
        visibility: the visibility of NAME.
    """
    cross = {}
    for program, as_name in programs.items():
        target = "{}_{}".format(name, as_name)
        go_cross_binary(
            name = target,
            platform = platform,
            tags = ["manual"],
            target = program,
        )
        cross[":" + target] = as_name
    _archive(name = name, manual = manual, programs = cross, visibility = visibility)
