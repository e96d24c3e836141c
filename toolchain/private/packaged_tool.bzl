"""A program of an unpacked package as an executable that needs nothing of the host."""

# How toolchain/launch finds its settings when only a tool's runfiles are staged.
_SUFFIX = ".launch.json"

def _runfiles_path(short_path):
    """Returns where runfiles hold a file: short paths of external repositories start with ../."""
    return short_path[3:] if short_path.startswith("../") else None

def _packaged_tool_impl(ctx):
    program = ctx.file.program
    root = program.owner.workspace_root
    if not root:
        fail("{}: program: got {}, want a file of an external repository".format(ctx.label, program.owner))

    # A file at the root of its repository's package: the label's name is the path below the root.
    below = program.path[len(root) + 1:]
    executable = ctx.actions.declare_file(ctx.label.name)
    settings = ctx.actions.declare_file(ctx.label.name + _SUFFIX)
    ctx.actions.symlink(
        output = executable,
        target_file = ctx.executable._launch,
        is_executable = True,
        progress_message = "Preparing %{label}",
    )
    ctx.actions.write(settings, json.encode_indent({
        "args": ctx.attr.args_before,
        "kind": ctx.attr.kind,
        "libraries": ctx.attr.libraries,
        "loader": ctx.attr.loader,
        "program": below,
        "root": {
            "exec": root,
            "runfiles": _runfiles_path(program.short_path)[:-len(below) - 1],
        },
        "self": {
            "exec": executable.path,
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
                # An action that has the tool as its executable sees the runfiles folder only, and launch cannot know the settings' path in it
                # before it has read them.
                root_symlinks = {ctx.label.name + _SUFFIX: settings},
            ),
        ),
        # For cc_toolchain's file groups, which stage files at their own places and no runfiles.
        OutputGroupInfo(start_files = depset([executable, settings])),
    ]

packaged_tool = rule(
    doc = """Makes an executable of a program in a repository of unpacked packages.

It is started by `toolchain/launch` through the packages' own dynamic loader, with their own libraries. It runs on x86-64 Linux, wherever it is
used: as a toolchain's tool, in an action, in a test's runfiles, by `bazel run`.""",
    implementation = _packaged_tool_impl,
    executable = True,
    attrs = {
        "args_before": attr.string_list(
            doc = "Arguments to put before the caller's; `%ROOT%` in them stands for the path of the repository.",
        ),
        "files": attr.label_list(
            doc = "What the program needs at run time: its libraries, its subprograms, its data.",
            allow_files = True,
        ),
        "kind": attr.string(
            doc = "`gcc` for a driver of GCC's, whose subprograms are started the same way.",
            default = "program",
            values = ["gcc", "program"],
        ),
        "libraries": attr.string_list(
            doc = "Folders of the repository that hold shared libraries.",
            default = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"],
        ),
        "loader": attr.string(
            doc = "The dynamic loader, a path in the repository.",
            default = "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
        ),
        "program": attr.label(
            doc = "The program.",
            allow_single_file = True,
            mandatory = True,
        ),
        # The packages are for x86-64 Linux whatever the target is.
        "_launch": attr.label(
            default = "//toolchain/launch",
            executable = True,
            cfg = "exec",
        ),
    },
)
