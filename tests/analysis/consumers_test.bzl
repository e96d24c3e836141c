# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of C rules, and of a genrule, that use a hyp_object. //tests/consumer builds and runs most of them."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_cc//cc:cc_library.bzl", "cc_library")
load("@rules_cc//cc:cc_shared_library.bzl", "cc_shared_library")
load(":asserts.bzl", "ON_ARM64", "actions_of", "basenames")

def _links_impl(ctx):
    env = analysistest.begin(ctx)
    actions = actions_of(env, "CppLink")
    asserts.equals(env, 1, len(actions))

    # Once, as an object: an archive's member would be linked only if something refers to it.
    objects = ["hyp.o", "hyp.lo"]
    asserts.equals(env, [ctx.attr.object], [a.split("/")[-1] for a in actions[0].argv if a.split("/")[-1] in objects])
    asserts.equals(env, [ctx.attr.object], [f for f in basenames(actions[0].inputs) if f in objects])
    return analysistest.end(env)

links_test = analysistest.make(_links_impl, attrs = {"object": attr.string()}, config_settings = ON_ARM64)

def _archives_impl(ctx):
    env = analysistest.begin(ctx)
    inputs = [f for a in actions_of(env, "CppArchive") for f in basenames(a.inputs)]
    asserts.equals(env, ctx.attr.inputs, [f for f in inputs if f in ["hyp.o", "hyp.lo"]])
    return analysistest.end(env)

archives_test = analysistest.make(_archives_impl, attrs = {"inputs": attr.string_list()}, config_settings = ON_ARM64)

def _genrule_impl(ctx):
    env = analysistest.begin(ctx)
    action = actions_of(env, "Genrule")[0]
    asserts.equals(env, ["hyp.o"], [f for f in basenames(action.inputs) if f.endswith(".o")])
    return analysistest.end(env)

genrule_test = analysistest.make(_genrule_impl, config_settings = ON_ARM64)

def _subjects():
    manual = ["manual"]
    one = ["fixtures/first-one.c"]
    cc_library(name = "consumer_library", srcs = one, tags = manual, deps = [":link_only"])
    cc_library(name = "consumer_library_of_srcs", srcs = [":link_only"], tags = manual)
    cc_binary(name = "consumer_binary", srcs = one, tags = manual, deps = [":link_only"])
    cc_binary(name = "consumer_binary_of_srcs", srcs = one + [":link_only"], tags = manual)
    cc_binary(name = "consumer_binary_of_library", srcs = one, tags = manual, deps = [":consumer_library"])
    cc_shared_library(name = "consumer_shared", tags = manual, deps = [":link_only"])
    cc_shared_library(name = "consumer_shared_of_library", tags = manual, deps = [":consumer_library"])
    native.genrule(
        name = "consumer_genrule",
        srcs = [":link_only"],
        outs = ["consumer.txt"],
        cmd = "echo $(execpath :link_only) >$@",
        tags = manual,
    )

def consumers_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the start of the tests' names.
    """
    _subjects()
    tests = [
        ("binary", links_test, ":consumer_binary", {"object": "hyp.lo"}),
        ("binary_of_srcs", links_test, ":consumer_binary_of_srcs", {"object": "hyp.o"}),
        ("binary_of_library", links_test, ":consumer_binary_of_library", {"object": "hyp.lo"}),
        ("shared", links_test, ":consumer_shared", {"object": "hyp.lo"}),
        ("shared_of_library", links_test, ":consumer_shared_of_library", {"object": "hyp.lo"}),
        ("library", archives_test, ":consumer_library", {"inputs": []}),
        ("library_of_srcs", archives_test, ":consumer_library_of_srcs", {"inputs": ["hyp.o"]}),
        ("genrule", genrule_test, ":consumer_genrule", {}),
    ]
    for test, rule, subject, attributes in tests:
        rule(name = "%s_%s_test" % (name, test), size = "small", target_under_test = subject, **attributes)
    native.test_suite(name = name, tests = ["%s_%s_test" % (name, t[0]) for t in tests])
