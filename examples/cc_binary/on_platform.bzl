# SPDX-License-Identifier: Apache-2.0

"""Builds a program for another platform than the test that runs it."""

def _to(_settings, attr):
    return {"//command_line_option:platforms": [str(attr.platform)]}

_to_platform = transition(
    implementation = _to,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)

def _impl(ctx):
    program = ctx.attr.program[0][DefaultInfo]
    return [DefaultInfo(
        files = program.files,
        runfiles = program.default_runfiles,
    )]

on_platform = rule(
    implementation = _impl,
    doc = "The files of a program, built for a platform.",
    attrs = {
        "platform": attr.label(doc = "The platform.", mandatory = True),
        "program": attr.label(doc = "The program.", cfg = _to_platform, mandatory = True),
        "_allowlist_function_transition": attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist"),
    },
)
