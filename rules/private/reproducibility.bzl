# SPDX-License-Identifier: Apache-2.0

"""hyp_reproducibility_test: builds a target in two configurations that must not matter, and compares the objects."""

load("//rules:providers.bzl", "HypObjectInfo")
load(":toolchains.bzl", "COMPARE", "COMPARE_GROUPS", "hyplink_tools")

_MODE = "//command_line_option:compilation_mode"
_SUFFIX = "//command_line_option:platform_suffix"

# What `vary` may have, and the option that it changes.
_COMPILATION_MODE = "compilation_mode"
_OUTPUT_DIRECTORY = "output_directory"
_VARIATIONS = [_COMPILATION_MODE, _OUTPUT_DIRECTORY]

_FIRST = "first"
_SECOND = "second"

def _two_ways(settings, attr):
    # The rule checks `vary`: an error here names no target.
    second = dict(settings)
    if _COMPILATION_MODE in attr.vary:
        second[_MODE] = "fastbuild" if settings[_MODE] == "opt" else "opt"
    if _OUTPUT_DIRECTORY in attr.vary:
        second[_SUFFIX] = (settings[_SUFFIX] or "") + "again"
    return {_FIRST: dict(settings), _SECOND: second}

_two_configurations = transition(
    implementation = _two_ways,
    inputs = [_MODE, _SUFFIX],
    outputs = [_MODE, _SUFFIX],
)

def _named(ctx, which, target):
    """Returns links to a target's objects and its layout, below a directory of their own: in runfiles, both configurations have the same paths."""
    files = {}
    for file in target[DefaultInfo].files.to_list():
        if file.extension != "o":
            fail("%s: target: %s makes %s, want objects (*.o) only [E9502]" % (ctx.label, target.label, file.short_path))
        link = ctx.actions.declare_file("%s/%s/%s" % (ctx.label.name, which, file.short_path.removeprefix("../")))
        ctx.actions.symlink(output = link, target_file = file)
        files[file.short_path] = link
    layout = None
    if HypObjectInfo in target:
        layout = ctx.actions.declare_file("%s/%s/layout.json" % (ctx.label.name, which))
        ctx.actions.symlink(output = layout, target_file = target[HypObjectInfo].layout)
    return files, layout

def _quote(text):
    return "'" + text.replace("'", "'\\''") + "'"

def _check_vary(ctx):
    wanted = "want some of " + ", ".join(_VARIATIONS)
    if not ctx.attr.vary:
        fail("%s: vary: got nothing, %s [E9503]" % (ctx.label, wanted))
    for what in ctx.attr.vary:
        if what not in _VARIATIONS:
            fail("%s: vary: got %r, %s [E9503]" % (ctx.label, what, wanted))

def _impl(ctx):
    _check_vary(ctx)
    targets = ctx.split_attr.target
    first, first_layout = _named(ctx, _FIRST, targets[_FIRST])
    second, second_layout = _named(ctx, _SECOND, targets[_SECOND])
    if sorted(first) != sorted(second) or not first:
        fail("%s: target: it makes %s in one configuration and %s in the other, want the same objects [E9502]" % (ctx.label, sorted(first), sorted(second)))
    hyplink = hyplink_tools(ctx, COMPARE).hyplink.executable
    maps = []
    if len(first) == 1 and first_layout and second_layout:
        maps = ["--map-a=" + first_layout.short_path, "--map-b=" + second_layout.short_path]
    lines = ["#!/bin/sh", "status=0"]
    for name, file in first.items():
        words = [hyplink.short_path, "compare"] + maps + [file.short_path, second[name].short_path]
        lines.append(" ".join([_quote(word) for word in words]) + " || status=1")
    lines.append("exit $status")
    script = ctx.actions.declare_file(ctx.label.name + "/compare.sh")
    ctx.actions.write(script, "\n".join(lines) + "\n", is_executable = True)
    return [DefaultInfo(
        executable = script,
        runfiles = ctx.runfiles(files = [hyplink] + first.values() + second.values() + [f for f in [first_layout, second_layout] if f]),
    )]

hyp_reproducibility_test = rule(
    implementation = _impl,
    doc = """Builds a target in two configurations that must not matter, and fails if the objects have different bytes: it prints which
function of which source differs, as `hyplink compare` does.

The first configuration is that of the command line. `vary` says what is different in the second. Each compiles by itself, unless Bazel maps the paths
(`--experimental_output_paths=strip`, which a rule cannot change), or a disk or remote cache has the results. That the machine, the time and the user do not matter is not tested: for that,
build on another machine, and compare the execution logs with `hypaudit explain`.""",
    attrs = {
        "target": attr.label(
            doc = "A target whose files are objects, `*.o`: a hyp_object.",
            cfg = _two_configurations,
            mandatory = True,
        ),
        "vary": attr.string_list(
            doc = """What differs in the second configuration. `compilation_mode`: `opt`, or `fastbuild` if the first one is `opt`; leave it out for a target that
takes options from the toolchain, with which the mode is meant to matter. `output_directory`: the name of the directory in `bazel-out`.""",
            default = [_COMPILATION_MODE, _OUTPUT_DIRECTORY],
        ),
        "_allowlist_function_transition": attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist"),
    },
    exec_groups = COMPARE_GROUPS,
    test = True,
)
