# SPDX-License-Identifier: Apache-2.0

"""What runs kbuild: a program, and a root directory of pinned packages for each release of Debian, kbuild_packages."""

load("//rules:providers.bzl", "HypKbuildPackagesInfo")

# The attribute of a rule that calls run_kbuild.
KBUILD_ATTRS = {
    "_kbuild": attr.label(
        default = Label("//toolchain/kbuild"),
        executable = True,
        cfg = "exec",
    ),
}

def run_kbuild(ctx, packages, command, args, inputs, operands = None, **kwargs):
    """Registers an action that runs a command of toolchain/kbuild in a root directory.

    Args:
      ctx: the rule's context; the rule has KBUILD_ATTRS.
      packages: HypKbuildPackagesInfo.
      command: string, the command's name.
      args: Args, the command's other flags.
      inputs: list of File, what the flags name.
      operands: Args, what follows the flags.
      **kwargs: other arguments of ctx.actions.run.
    """
    args.add(packages.root, format = "-packages=%s")
    ctx.actions.run(
        executable = ctx.executable._kbuild,
        arguments = [command, args] + ([operands] if operands else []),
        inputs = depset(inputs + [packages.root], transitive = [packages.files]),
        # The program has an environment of its own for the programs that it runs.
        env = {},
        toolchain = None,
        **kwargs
    )

def _impl(ctx):
    files = ctx.attr.srcs[DefaultInfo].files
    return [
        DefaultInfo(files = files),
        HypKbuildPackagesInfo(files = files, root = ctx.file.root),
    ]

kbuild_packages = rule(
    implementation = _impl,
    doc = "A root directory of pinned packages, in which kbuild runs.",
    attrs = {
        "srcs": attr.label(
            doc = "The directory's files.",
            mandatory = True,
        ),
        "root": attr.label(
            doc = "A file at the top of the directory.",
            allow_single_file = True,
            mandatory = True,
        ),
    },
    provides = [HypKbuildPackagesInfo],
)
