# SPDX-License-Identifier: Apache-2.0

"""remote_test: a Go test that runs Bazel with a remote execution server."""

load("@io_bazel_rules_go//go:def.bzl", "go_test")

# Files for //tests/remote/bed, by the variables with their runfiles paths.
_FILES = {
    "BUILDBOX": "@hyp_remote_buildbox//:usr/bin/buildbox-casd",
    "SOURCES": "@rules_hyp_sources//:manifest",
    "TOOLS": "//tools/release:host",
}

_WORKER = {"WORKER": "@hyp_remote_worker//:usr/share/bazel/A-server.jar"}

def _local_test_impl(ctx):
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(
        output = executable,
        target_file = ctx.executable.test,
        is_executable = True,
        progress_message = "Preparing %{label}",
    )
    default = ctx.attr.test[DefaultInfo]
    return [
        DefaultInfo(
            executable = executable,
            files = depset([executable]),
            runfiles = ctx.runfiles(files = [executable]).merge(default.default_runfiles),
        ),
        testing.ExecutionInfo({"local": ""}),
        ctx.attr.test[RunEnvironmentInfo],
    ]

# A tag "local" would be one of all actions of a target, and take the sandbox from Go's compiler too.
_local_test = rule(
    implementation = _local_test_impl,
    doc = "Runs a test without a sandbox.",
    attrs = {
        "test": attr.label(
            doc = "The test.",
            cfg = "target",
            executable = True,
            mandatory = True,
        ),
    },
    test = True,
)

def remote_test(name, data = [], deps = [], env = {}, tags = [], size = "large", worker = False, **kwargs):
    """Declares a go_test with what //tests/remote/bed needs.

    The test starts servers and another Bazel, which make sandboxes of their own: it runs outside of one. It has ports and directories of its own, so that others
    may run at the same time, which takes most of them longer.

    Args:
        name: name of the target.
        data: further files.
        deps: further Go libraries.
        env: further variables.
        tags: further tags.
        size: size of the test.
        worker: whether the test uses Bazel's own worker.
        **kwargs: arguments of go_test.
    """
    files = _FILES | (_WORKER if worker else {})
    go_test(
        name = name + "_program",
        size = size,
        data = files.values() + [
            "@hyp_remote_buildbox//:root",
            "@rules_hyp_sources//:files",
        ] + data,
        env = {variable: "$(rlocationpath %s)" % label for variable, label in files.items()} | env,
        tags = ["manual"],
        deps = [
            "//tests/remote/bed",
            "//tests/remote/engine",
            "//tests/remote/proxy",
        ] + deps,
        **kwargs
    )
    _local_test(
        name = name,
        size = size,
        timeout = "eternal" if size == "large" else None,
        tags = tags,
        test = ":%s_program" % name,
    )
