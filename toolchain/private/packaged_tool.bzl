# SPDX-License-Identifier: Apache-2.0

"""A program of an unpacked package, as an executable that needs nothing from the host."""

_LAUNCH_TOOLCHAIN_TYPE = Label("//toolchain/hyplink:launch_toolchain_type")

# The settings file of toolchain/launch has this suffix.
_SUFFIX = ".launch.json"

def _runfiles_path(short_path):
    """Returns the runfiles path of an external repository's file, whose short path starts with ../; otherwise None."""
    return short_path[3:] if short_path.startswith("../") else None

def _packaged_tool_impl(ctx):
    toolchain = ctx.toolchains[_LAUNCH_TOOLCHAIN_TYPE]
    if not toolchain:
        fail(("{}: no toolchain with the launcher of packaged programs is registered for {}; register " +
              "@rules_hyp//toolchain/hyplink:all, or prebuilt programs for this platform as well [E9014]").format(
            ctx.label,
            ctx.fragments.platform.platform,
        ))
    program = ctx.file.program
    root = program.owner.workspace_root
    if not root:
        fail("{}: program: got {}, want a file of an external repository [E9014]".format(ctx.label, program.owner))

    # The file is in the package at its repository's root.
    below = program.path[len(root) + 1:]
    executable = ctx.actions.declare_file(ctx.label.name)
    settings = ctx.actions.declare_file(ctx.label.name + _SUFFIX)
    ctx.actions.symlink(
        output = executable,
        target_file = toolchain.launch,
        is_executable = True,
        progress_message = "Preparing %{label}",
    )
    ctx.actions.write(settings, json.encode_indent({
        "args": ctx.attr.args_before,
        "headers": ctx.attr.headers,
        "kind": ctx.attr.kind,
        "libraries": ctx.attr.libraries,
        "loader": ctx.attr.loader,
        "program": below,
        "root": {
            "exec": root,
            "runfiles": _runfiles_path(program.short_path)[:-len(below) - 1],
        },
        "self": {
            # Not from the execution root: that path has the configuration, and the settings must be the same in all.
            "exec": executable.path[len(executable.root.path) + 1:],
            "runfiles": _runfiles_path(executable.short_path) or ctx.workspace_name + "/" + executable.short_path,
        },
    }, indent = "  ") + "\n")

    files = depset([settings, program], transitive = [target[DefaultInfo].files for target in ctx.attr.files])
    return [
        DefaultInfo(
            executable = executable,
            files = depset([executable]),
            runfiles = ctx.runfiles(
                files = [executable],
                transitive_files = files,
                # For an action that runs the tool only the runfiles directory is staged, and launch cannot know the name of the main repository in
                # it: so the settings are at the path that they have in the output directory.
                root_symlinks = {_runfiles_path(settings.short_path) or settings.short_path: settings},
            ),
        ),
        # For the file groups of cc_toolchain, which stage files at their exec paths, and no runfiles.
        OutputGroupInfo(start_files = depset([executable, settings])),
    ]

packaged_tool = rule(
    doc = """Makes an executable from a program in a repository of unpacked packages.

`toolchain/launch` starts the program with the packages' dynamic loader and libraries: as a tool of a toolchain, in an action, in a test, with
`bazel run`.""",
    implementation = _packaged_tool_impl,
    executable = True,
    attrs = {
        "args_before": attr.string_list(
            doc = "Arguments before the caller's; `%ROOT%` in them is the path of the repository.",
        ),
        "files": attr.label_list(
            doc = "Files that the program needs at run time: libraries, subprograms, data.",
            allow_files = True,
        ),
        "headers": attr.string(
            doc = """The directory of GCC's own headers, relative to `usr/lib/gcc-cross`, for a driver that does not find them there: a native one.""",
        ),
        "kind": attr.string(
            doc = """`gcc` or `clang` for a compiler driver, whose subprograms are started in the same way. clang's linker is the `packaged_tool` in its
package with the linker's name.""",
            default = "program",
            values = ["clang", "gcc", "program"],
        ),
        "libraries": attr.string_list(
            doc = "Directories of the repository with shared libraries.",
            default = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"],
        ),
        "loader": attr.string(
            doc = "The path of the dynamic loader in the repository.",
            default = "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
        ),
        "program": attr.label(
            doc = "The program.",
            allow_single_file = True,
            mandatory = True,
        ),
    },
    fragments = ["platform"],

    # The launcher runs where the program does: on the platform that this target is built for. Optional, so that the error says what to do.
    toolchains = [config_common.toolchain_type(_LAUNCH_TOOLCHAIN_TYPE, mandatory = False)],
)
