# SPDX-License-Identifier: Apache-2.0

"""Runs a packaged tool in an action that has the tool's runfiles only."""

def _tool_action_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".out")
    args = ctx.actions.args()
    args.add_all(ctx.attr.args_before)
    args.add(ctx.file.src)
    args.add(out)
    ctx.actions.run(
        executable = ctx.executable.tool,
        arguments = [args],
        inputs = [ctx.file.src],
        outputs = [out],
        mnemonic = "ToolAction",
        progress_message = "Running a packaged tool for %{label}",
        # The tool must need nothing from the environment.
        env = {},
        use_default_shell_env = False,
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

tool_action = rule(
    doc = "Makes NAME.out with a tool that takes an input and an output.",
    implementation = _tool_action_impl,
    attrs = {
        "args_before": attr.string_list(doc = "Arguments before the input."),
        "src": attr.label(
            doc = "The input.",
            allow_single_file = True,
            mandatory = True,
        ),
        "tool": attr.label(
            doc = "The tool.",
            cfg = "exec",
            executable = True,
            mandatory = True,
        ),
    },
)
