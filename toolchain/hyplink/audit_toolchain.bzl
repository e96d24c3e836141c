# SPDX-License-Identifier: Apache-2.0

"""audit_toolchain: the program that writes statements of what a target was made from."""

def _impl(ctx):
    return [platform_common.ToolchainInfo(hypaudit = ctx.attr.hypaudit[DefaultInfo].files_to_run)]

audit_toolchain = rule(
    implementation = _impl,
    doc = """The program of `hyp_provenance`, which has a toolchain of its own, so that other rules do not need what it is built from. Register it with
`toolchain(toolchain_type = "@rules_hyp//toolchain/hyplink:audit_toolchain_type", ...)`.""",
    attrs = {
        "hypaudit": attr.label(
            doc = "The program, `@rules_hyp//tools/hypaudit`.",
            executable = True,
            cfg = "exec",
            mandatory = True,
            allow_files = True,
        ),
    },
)
