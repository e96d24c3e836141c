# SPDX-License-Identifier: Apache-2.0

"""hyplink_toolchain: the programs that the rules run."""

load("//rules:providers.bzl", "HyplinkToolchainInfo")

def _impl(ctx):
    return [platform_common.ToolchainInfo(
        hyplink_info = HyplinkToolchainInfo(
            hyplink = ctx.attr.hyplink[DefaultInfo].files_to_run,
            hypcc = ctx.attr.hypcc[DefaultInfo].files_to_run,
        ),
    )]

hyplink_toolchain = rule(
    implementation = _impl,
    doc = """The programs of a hyplink toolchain, for example prebuilt ones for a workspace without Go. Register it with
`toolchain(toolchain_type = "@rules_hyp//toolchain/hyplink:toolchain_type", ...)`.""",
    attrs = {
        "hyplink": attr.label(
            doc = "The linker, `@rules_hyp//tools/hyplink`.",
            executable = True,
            cfg = "exec",
            mandatory = True,
            allow_files = True,
        ),
        "hypcc": attr.label(
            doc = "The compiler wrapper, `@rules_hyp//tools/hypcc`.",
            executable = True,
            cfg = "exec",
            mandatory = True,
            allow_files = True,
        ),
    },
)
