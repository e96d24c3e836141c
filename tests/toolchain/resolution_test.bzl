# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of which platforms get the toolchains of this repository."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

_TYPE = "@bazel_tools//tools/cpp:toolchain_type"

_Info = provider("The C compiler of a platform.", fields = {"compiler": "its path; None if no toolchain is for the platform"})

def _resolved_impl(ctx):
    toolchain = ctx.toolchains[_TYPE]
    return [_Info(compiler = toolchain.cc.compiler_executable if toolchain else None)]

resolved_toolchain = rule(
    implementation = _resolved_impl,
    doc = "The C toolchain of the platform, which need not be there.",
    toolchains = [config_common.toolchain_type(_TYPE, mandatory = False)],
)

def _impl(ctx):
    env = analysistest.begin(ctx)
    compiler = analysistest.target_under_test(env)[_Info].compiler
    if ctx.attr.ours:
        asserts.true(env, compiler == "toolchain/gcc_arm64/gcc", "the platform has the compiler {}, want that of the packages".format(compiler))
    else:
        asserts.equals(env, None, compiler)
    return analysistest.end(env)

def _make(platform):
    return analysistest.make(
        _impl,
        attrs = {"ours": attr.bool(doc = "Whether the platform gets the packaged compiler, by the name that it has for this repository.")},
        config_settings = {"//command_line_option:platforms": [str(Label(platform))]},
    )

bare_test = _make("//platforms:arm64")
linux_test = _make("//platforms:linux_arm64")
foreign_linux_test = _make("//tests/toolchain:foreign_linux_arm64")

def resolution_tests(name):
    """Declares the tests.

    Args:
        name: prefix of their names.
    """

    # As a workspace that depends on this one declares it for its own programs.
    native.platform(
        name = "foreign_linux_arm64",
        constraint_values = [
            "@platforms//cpu:aarch64",
            "@platforms//os:linux",
        ],
    )
    resolved_toolchain(
        name = name + "_toolchain",
        tags = ["manual"],
    )
    bare_test(name = name + "_bare_test", ours = True, target_under_test = ":%s_toolchain" % name)
    linux_test(name = name + "_linux_test", ours = True, target_under_test = ":%s_toolchain" % name)
    foreign_linux_test(name = name + "_foreign_linux_test", ours = False, target_under_test = ":%s_toolchain" % name)
