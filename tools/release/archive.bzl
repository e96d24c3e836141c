"""program_archive: an archive of programs for another platform than the build's."""

load("@io_bazel_rules_go//go:def.bzl", "go_cross_binary")

def _archive_impl(ctx):
    output = ctx.actions.declare_file(ctx.label.name + ".tar.gz")
    args = ctx.actions.args()
    args.add("programs")
    args.add(output)
    for program, name in ctx.attr.programs.items():
        args.add(program[DefaultInfo].files_to_run.executable, format = name + "=%s")
    ctx.actions.run(
        executable = ctx.executable._pack,
        arguments = [args],
        inputs = [program[DefaultInfo].files_to_run.executable for program in ctx.attr.programs],
        outputs = [output],
        mnemonic = "HypReleaseArchive",
        progress_message = "Packing %{label}",
    )
    return [DefaultInfo(files = depset([output]))]

_archive = rule(
    implementation = _archive_impl,
    doc = "Packs programs into NAME.tar.gz.",
    attrs = {
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

def program_archive(name, platform, programs, visibility = None):
    """Declares NAME.tar.gz, with Go programs for one platform.

    Args:
        name: the archive's name, without the extension.
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
    _archive(name = name, programs = cross, visibility = visibility)
