# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of output directories (tree artifacts) in srcs and hdrs."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:defs.bzl", "hyp_library")
load(":asserts.bzl", "ON_ARM64", "actions_of", "assert_fails", "assert_has", "basenames")

def _directory_impl(ctx):
    directory = ctx.actions.declare_directory("directories/" + ctx.attr.path)
    ctx.actions.run_shell(outputs = [directory], command = "exit 1")
    return [DefaultInfo(files = depset([directory]))]

_directory = rule(implementation = _directory_impl, attrs = {"path": attr.string()})

def _headers_impl(ctx):
    env = analysistest.begin(ctx)
    actions = actions_of(env, "HypCompile")
    asserts.equals(env, 1, len(actions), "a directory is not compiled")
    assert_has(env, basenames(actions[0].inputs), ["public", "private"])

    # It may read what is in them.
    assert_has(env, [a.split("/directories/")[-1] for a in actions[0].argv if "/directories/" in a], ["public", "private"])
    context = analysistest.target_under_test(env)[CcInfo].compilation_context
    asserts.equals(env, ["public"], basenames(context.headers), "that of srcs is not for dependents")
    return analysistest.end(env)

headers_test = analysistest.make(_headers_impl, config_settings = ON_ARM64)

def _failure(message):
    return analysistest.make(assert_fails(message), config_settings = ON_ARM64, expect_failure = True)

only_directory_test = _failure(
    "srcs: tests/analysis/directories/private is a directory, whose files Bazel lists only while it builds, so that hyp_library cannot compile them one by " +
    "one; let the rule that makes it declare each source as an output",
)
named_as_header_test = _failure("the directory tests/analysis/directories/generated.h has the name of a header; call it generated")

def directories_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the start of the tests' names.
    """
    manual = ["manual"]
    _directory(name = "public_directory", path = "public", tags = manual)
    _directory(name = "private_directory", path = "private", tags = manual)
    _directory(name = "directory_of_header", path = "generated.h", tags = manual)
    hyp_library(
        name = "directories_of_headers",
        srcs = ["fixtures/first-one.c", ":private_directory"],
        hdrs = [":public_directory"],
        includes = ["directories/public"],
        tags = manual,
    )
    hyp_library(name = "directories_only", srcs = [":private_directory"], tags = manual)
    hyp_library(name = "directories_named", srcs = ["fixtures/first-one.c"], hdrs = [":directory_of_header"], tags = manual)
    tests = {
        "headers": (headers_test, ":directories_of_headers"),
        "only": (only_directory_test, ":directories_only"),
        "named_as_header": (named_as_header_test, ":directories_named"),
    }
    for test, (rule, subject) in tests.items():
        rule(name = "%s_%s_test" % (name, test), size = "small", target_under_test = subject)
    native.test_suite(name = name, tests = ["%s_%s_test" % (name, t) for t in tests])
