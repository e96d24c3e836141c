# SPDX-License-Identifier: Apache-2.0

"""Passes the actions of a target to a test, which runs them again elsewhere."""

load(":platform.bzl", "PLATFORM_ATTRS", "platform_transition")

_ReplayInfo = provider(
    doc = "The actions of a target, as Bazel runs them.",
    fields = {"actions": "List of Action, in the order of their registration."},
)

def _replay_aspect_impl(target, _ctx):
    return [_ReplayInfo(actions = [action for action in target.actions if action.argv])]

_replay_aspect = aspect(
    doc = "Collects the actions of one target.",
    implementation = _replay_aspect_impl,
)

def _place(file):
    return {"exec": file.path, "short": file.short_path}

def _inputs(action):
    # The runfiles directory of an executable is among the inputs, as an artifact that is not a file.
    return [file for file in action.inputs.to_list() if "/_middlemen/" not in file.path]

def _replay_impl(ctx):
    actions = [
        action
        for target in ctx.attr.targets
        for action in target[_ReplayInfo].actions
        if action.mnemonic in ctx.attr.mnemonics
    ]
    for mnemonic in ctx.attr.mnemonics:
        if mnemonic not in [action.mnemonic for action in actions]:
            fail("{}: no action {} in {}".format(ctx.label, mnemonic, ctx.attr.targets))
    listing = ctx.actions.declare_file(ctx.label.name + ".json")
    ctx.actions.write(listing, json.encode_indent([
        {
            "argv": action.argv,
            "inputs": [_place(file) for file in _inputs(action)],
            "mnemonic": action.mnemonic,
            "outputs": [_place(file) for file in action.outputs.to_list()],
        }
        for action in actions
    ]))
    files = depset(
        [listing] + [file for action in actions for file in _inputs(action)],
        transitive = [action.outputs for action in actions],
    )
    return [DefaultInfo(files = depset([listing]), runfiles = ctx.runfiles(transitive_files = files))]

replay = rule(
    doc = """Writes a list of the actions of targets: command line, inputs, outputs. All of these files are in its runfiles.

The outputs are those that Bazel built. The Go package `tests/toolchain/replay` reads the list.""",
    implementation = _replay_impl,
    attrs = PLATFORM_ATTRS | {
        "mnemonics": attr.string_list(
            doc = "The mnemonics of the actions. One that no target has is an error.",
            mandatory = True,
        ),
        "targets": attr.label_list(
            doc = "The targets with the actions.",
            aspects = [_replay_aspect],
            cfg = platform_transition,
        ),
    },
)
