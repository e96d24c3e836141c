# SPDX-License-Identifier: Apache-2.0

"""Files of a target that is built for another platform than the test."""

def _to(_settings, attr):
    return {"//command_line_option:platforms": [str(attr.platform)]}

_to_platform = transition(
    implementation = _to,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)

def _impl(ctx):
    return [DefaultInfo(files = depset(transitive = [src[DefaultInfo].files for src in ctx.attr.srcs]))]

on_platform = rule(
    implementation = _impl,
    doc = "The default outputs of targets, built for a platform.",
    attrs = {
        "platform": attr.label(doc = "The platform.", mandatory = True),
        "srcs": attr.label_list(doc = "The targets.", cfg = _to_platform, mandatory = True),
        "_allowlist_function_transition": attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist"),
    },
)
