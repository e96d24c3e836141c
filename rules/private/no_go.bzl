# SPDX-License-Identifier: Apache-2.0

"""no_go_repository: replaces rules_go where rules_hyp comes with the programs of a release, so that packages with programs can be loaded."""

_DEFINITIONS = """load("{file}", "missing_program")

go_binary = missing_program("{version}")
go_cross_binary = go_binary
go_library = go_binary
go_test = go_binary
"""

def _impl(rctx):
    rctx.file("go/BUILD.bazel", "", executable = False)
    rctx.file("go/def.bzl", _DEFINITIONS.format(
        file = Label("//rules/private:missing_program.bzl"),
        version = rctx.attr.version,
    ), executable = False)

no_go_repository = repository_rule(
    implementation = _impl,
    doc = "The repository `io_bazel_rules_go` without rules_go: a target with a Go program can be loaded, and is an error if a build needs it.",
    attrs = {"version": attr.string(
        doc = "The version of rules_hyp.",
        mandatory = True,
    )},
)
