# SPDX-License-Identifier: Apache-2.0

"""Helpers of the analysis tests."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

# The platform of the targets under test, and the toolchain of test_toolchain.bzl, which takes precedence over the real one.
ON_ARM64 = {
    "//command_line_option:extra_toolchains": [str(Label("//tests/analysis:test_toolchain"))],
    "//command_line_option:platforms": [str(Label("//platforms:arm64"))],
}

def actions_of(env, mnemonic):
    """Returns the actions of the target under test with a mnemonic."""
    return [a for a in analysistest.target_actions(env) if a.mnemonic == mnemonic]

def compiler_command(action):
    """Returns the compiler's command of an action that hypcc wraps: what follows `--`."""
    return action.argv[action.argv.index("--") + 1:]

def options_of(action):
    """Returns the options of a compile, without the compiler, the output and the source."""
    command = compiler_command(action)
    return command[1:command.index("-o")]

def assert_has(env, values, wanted):
    """Asserts that each wanted value is among the values."""
    for value in wanted:
        asserts.true(env, value in values, "%r is missing; there are %s" % (value, values))

def assert_has_not(env, values, unwanted):
    """Asserts that no unwanted value is among the values."""
    for value in unwanted:
        asserts.false(env, value in values, "%r must not be among %s" % (value, values))

def assert_fails(message):
    """Returns an implementation of an analysis test whose target fails with a message that contains a text."""

    def _impl(ctx):
        env = analysistest.begin(ctx)
        asserts.expect_failure(env, message)
        return analysistest.end(env)

    return _impl

def basenames(files):
    """Returns the base names of the files of a depset, in its order."""
    return [f.basename for f in files.to_list()]
