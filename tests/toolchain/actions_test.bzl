# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of the toolchain: the paths in its actions, and that another toolchain can replace it."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")

_BARE = {"//command_line_option:platforms": [str(Label("//platforms:arm64"))]}

_LINUX = {"//command_line_option:platforms": [str(Label("//platforms:linux_arm64"))]}

# After these an absolute path may start within an argument.
_BEFORE_A_PATH = ["=/", ",/", ":/", "-I/", "-L/", "-B/", "-isystem/", "-iquote/", "-include/", "@/"]

# A sandbox with few files is fast to set up, here and on a remote worker.
_MOST_INPUTS = {"CppArchive": 21, "CppCompile": 60, "CppLink": 60}

def _names_the_host(argument):
    """Returns whether an argument contains an absolute path."""
    if argument.startswith("/"):
        return True
    for before in _BEFORE_A_PATH:
        if before in argument:
            return True
    return False

def _actions(env):
    return [action for action in analysistest.target_actions(env) if action.mnemonic in _MOST_INPUTS]

def _check_host(env, action):
    for argument in action.argv:
        asserts.false(env, _names_the_host(argument), "{}: {} names a path of the host".format(action.mnemonic, argument))
    asserts.true(
        env,
        "/toolchain/gcc_arm64/" in action.argv[0],
        "{}: {} is not a program of the toolchain".format(action.mnemonic, action.argv[0]),
    )
    for name, value in action.env.items():
        # Bazel's fixed value, which the launcher drops.
        asserts.true(env, name in ["PATH", "PWD"], "{}: the environment has {}={}".format(action.mnemonic, name, value))

    inputs = action.inputs.to_list()
    for file in inputs:
        asserts.false(env, file.path.startswith("/"), "{}: the input {} is outside of the execution root".format(action.mnemonic, file.path))

        # Bazel adds its own scripts for shared libraries to every link; a static one does not run them.
        if file.path.startswith("external/") and not file.path.startswith("external/bazel_tools/"):
            asserts.true(
                env,
                "hyp_gcc_arm64/" in file.path,
                "{}: the input {} is not from the toolchain's repository".format(action.mnemonic, file.path),
            )

def _hermetic_impl(ctx):
    env = analysistest.begin(ctx)
    actions = _actions(env)
    found = [action.mnemonic for action in actions]
    for mnemonic in ctx.attr.mnemonics:
        asserts.true(env, mnemonic in found, "no action {}; there are {}".format(mnemonic, found))
    for action in actions:
        _check_host(env, action)
        if ctx.attr.bare:
            count = len(action.inputs.to_list())
            most = _MOST_INPUTS[action.mnemonic]
            asserts.true(env, count <= most, "{}: got {} inputs, want at most {}".format(action.mnemonic, count, most))
    return analysistest.end(env)

_HERMETIC_ATTRS = {
    "bare": attr.bool(),
    "mnemonics": attr.string_list(mandatory = True),
}

hermetic_bare_test = analysistest.make(_hermetic_impl, attrs = _HERMETIC_ATTRS, config_settings = _BARE)

hermetic_linux_test = analysistest.make(_hermetic_impl, attrs = _HERMETIC_ATTRS, config_settings = _LINUX)

def _exact_flags_impl(ctx):
    env = analysistest.begin(ctx)
    for action in _actions(env):
        if action.mnemonic != "CppCompile":
            continue
        flags = action.argv[1:]

        # Bazel's own flags of a compile, with their operands.
        for flag, operands in [("-MD", 0), ("-MF", 1), ("-iquote", 1), ("-iquote", 1), ("-c", 1), ("-o", 1)]:
            asserts.true(env, flag in flags, "{} is missing in {}".format(flag, flags))
            at = flags.index(flag)
            flags = flags[:at] + flags[at + 1 + operands:]
        asserts.equals(env, ctx.attr.flags, flags)
    return analysistest.end(env)

exact_flags_test = analysistest.make(
    _exact_flags_impl,
    attrs = {"flags": attr.string_list()},
    config_settings = _BARE | {"//command_line_option:compilation_mode": "opt"},
)

def _own_toolchain_impl(ctx):
    env = analysistest.begin(ctx)
    compiles = [action for action in _actions(env) if action.mnemonic == "CppCompile"]
    asserts.true(env, len(compiles) > 0, "no compile")
    for action in compiles:
        asserts.true(env, action.argv[0].endswith("/toolchain/peers/clang"), "got {}, want the user's compiler".format(action.argv[0]))
    return analysistest.end(env)

own_toolchain_test = analysistest.make(
    _own_toolchain_impl,
    config_settings = _BARE | {
        "//command_line_option:extra_toolchains": [str(Label("//tests/toolchain/own:clang_everywhere"))],
    },
)

def _system_includes_impl(ctx):
    env = analysistest.begin(ctx)
    actions = [action for action in analysistest.target_actions(env) if action.mnemonic == "HypCompile"]
    asserts.true(env, len(actions) > 0, "no compile")
    for action in actions:
        inputs = [file.dirname for file in action.inputs.to_list()]
        directories = [arg.partition("=")[2] for arg in action.argv if arg.startswith("--system-include=")]
        asserts.equals(env, 1, len(directories))
        for directory in directories:
            asserts.true(env, directory in inputs, "{} is not the directory of any input".format(directory))
    return analysistest.end(env)

system_includes_test = analysistest.make(_system_includes_impl, config_settings = _BARE)
