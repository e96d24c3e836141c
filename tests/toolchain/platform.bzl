# SPDX-License-Identifier: Apache-2.0

"""Builds targets for a platform, whatever the command line says."""

def _transition_impl(_settings, attr):
    return {"//command_line_option:platforms": str(attr.platform)}

platform_transition = transition(
    implementation = _transition_impl,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)

PLATFORM_ATTRS = {
    "platform": attr.label(
        doc = "The platform to build for.",
        mandatory = True,
    ),
    "_allowlist_function_transition": attr.label(
        default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
    ),
}

def _for_platform_impl(ctx):
    files = depset(transitive = [target[DefaultInfo].files for target in ctx.attr.targets])
    return [DefaultInfo(files = files, runfiles = ctx.runfiles(transitive_files = files))]

for_platform = rule(
    doc = "The files of targets, built for a platform.",
    implementation = _for_platform_impl,
    attrs = PLATFORM_ATTRS | {
        "targets": attr.label_list(
            doc = "The targets to build.",
            cfg = platform_transition,
        ),
    },
)
