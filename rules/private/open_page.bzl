# SPDX-License-Identifier: Apache-2.0

"""What rules have in common whose targets are pages that `bazel run` opens in a browser."""

OPEN_ATTRS = {
    "_open": attr.label(
        default = Label("//rules/private:open_page.sh"),
        allow_single_file = True,
    ),
}

def opened_page(ctx, page):
    """Returns the DefaultInfo of a target whose program opens a page.

    Args:
      ctx: the rule's context; the rule is executable and has OPEN_ATTRS.
      page: File, the target's name with .html after it: by that name the program finds it.
    """
    program = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = program, target_file = ctx.file._open, is_executable = True)
    return DefaultInfo(
        executable = program,
        files = depset([page]),
        runfiles = ctx.runfiles(files = [page]),
    )
