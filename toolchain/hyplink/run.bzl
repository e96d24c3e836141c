# SPDX-License-Identifier: Apache-2.0

"""resolved_hyplink: the registered hyplink, to be run by hand."""

_TYPE = Label("//toolchain/hyplink:toolchain_type")

def _impl(ctx):
    program = ctx.toolchains[_TYPE].hyplink_info.hyplink.executable
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(
        output = executable,
        target_file = program,
        is_executable = True,
        progress_message = "Preparing %{label}",
    )
    return [DefaultInfo(
        executable = executable,
        files = depset([executable]),
        runfiles = ctx.runfiles([program]),
    )]

resolved_hyplink = rule(
    implementation = _impl,
    doc = """The hyplink that the rules run: a prebuilt one if that is registered, otherwise the one that a build has made already. `bazel run //tools/hyplink` builds it again, and Go's standard
library, since it is for the target platform.""",
    executable = True,
    toolchains = [_TYPE],
)
