# SPDX-License-Identifier: Apache-2.0

"""launch_toolchain: the program that starts the default cross compiler."""

def _impl(ctx):
    return [platform_common.ToolchainInfo(launch = ctx.executable.launch)]

launch_toolchain = rule(
    implementation = _impl,
    doc = """The program that starts programs of unpacked packages, such as the default cross compiler. It runs where they do, so that its toolchain
is resolved for the platform that such a program is built for: register it with
`toolchain(toolchain_type = "@rules_hyp//toolchain/hyplink:launch_toolchain_type", target_compatible_with = [...], ...)`.""",
    attrs = {
        "launch": attr.label(
            doc = "The program, `@rules_hyp//toolchain/launch`.",
            executable = True,
            cfg = "target",
            mandatory = True,
            allow_files = True,
        ),
    },
)
