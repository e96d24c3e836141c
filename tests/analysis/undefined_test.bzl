# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of hyp_library's check_undefined."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "hyp_library", "hyp_linker_script")
load("//rules:providers.bzl", "HypObjectsInfo")
load(":asserts.bzl", "ON_ARM64", "actions_of", "assert_has", "basenames")

_FIXTURES = "tests/analysis/fixtures/"

def _checked(check):
    """Returns the base names of the objects that an action checks."""
    return [arg.rpartition("/")[2] for arg in check.argv[1:] if arg.endswith(".o") and not arg.startswith("--")]

def _defining(check):
    """Returns the base names of the objects that only define symbols for it."""
    return [arg.rpartition("/")[2] for arg in check.argv if arg.startswith("--defined-by=")]

def _action_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    checks = actions_of(env, "HypCheck")
    asserts.equals(env, 1, len(checks), "one action reads the objects once")
    check = checks[0]
    asserts.equals(env, ["check", "--unlinked"], check.argv[1:3])
    assert_has(env, check.argv, [
        "--symbol-prefix=__p_",
        "--symbol-suffix=_s",
        "--allowed-undefined=" + _FIXTURES + "undefined.txt",
        "--script=" + _FIXTURES + "plain.lds",
    ])
    asserts.equals(env, ["second.hyp.o", "first-one.hyp.o"], _checked(check))
    asserts.equals(env, [], _defining(check))
    assert_has(env, basenames(check.inputs), ["second.hyp.o", "first-one.hyp.o", "undefined.txt", "plain.lds", "hyplink"])

    # Bazel runs it in every build, and no compile waits for it.
    asserts.equals(env, check.outputs.to_list(), target[OutputGroupInfo]._validation.to_list())
    for compile in actions_of(env, "HypCompile"):
        asserts.false(env, check.outputs.to_list()[0] in compile.inputs.to_list())
    asserts.equals(env, [], target[HypObjectsInfo].unchecked.to_list())
    return analysistest.end(env)

action_test = analysistest.make(_action_impl, config_settings = ON_ARM64)

def _off_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    asserts.equals(env, [], actions_of(env, "HypCheck"))
    asserts.equals(env, [], target[OutputGroupInfo]._validation.to_list())
    asserts.equals(env, ["twin.hyp.o", "first-one.hyp.o"], basenames(target[HypObjectsInfo].unchecked), "its own, then those of deps")
    return analysistest.end(env)

# By default a library does not say what the others define. One line, `check_undefined = False`, turns the check of a generated BUILD file off.
off_test = analysistest.make(_off_impl, config_settings = ON_ARM64)

def _mutual_impl(ctx):
    env = analysistest.begin(ctx)
    check = actions_of(env, "HypCheck")[0]
    asserts.equals(env, ["twin.hyp.o", "first-one.hyp.o", "second.hyp.o"], _checked(check), "those of both deps, which nothing has checked")
    return analysistest.end(env)

# Libraries that need each other are checked where both are known.
mutual_test = analysistest.make(_mutual_impl, config_settings = ON_ARM64)

def _once_impl(ctx):
    env = analysistest.begin(ctx)
    check = actions_of(env, "HypCheck")[0]
    asserts.equals(env, ["twin.hyp.o"], _checked(check), "its deps have checked their own")
    asserts.equals(env, ["second.hyp.o", "first-one.hyp.o"], _defining(check))
    assert_has(env, basenames(check.inputs), ["twin.hyp.o", "second.hyp.o", "first-one.hyp.o"])
    return analysistest.end(env)

once_test = analysistest.make(_once_impl, config_settings = ON_ARM64)

def undefined_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the start of the tests' names.
    """
    manual = ["manual"]
    hyp_linker_script(name = "undefined_lds", src = "fixtures/plain.lds", tags = manual)
    hyp_library(
        name = "undefined_all",
        srcs = ["fixtures/second.S", "fixtures/first-one.c"],
        allowed_undefined = ["fixtures/undefined.txt"],
        check_undefined = True,
        linker_script = ":undefined_lds",
        symbol_prefix = "__p_",
        symbol_suffix = "_s",
        tags = manual,
    )
    hyp_library(name = "undefined_first", srcs = ["fixtures/first-one.c"], tags = manual)
    hyp_library(
        name = "undefined_above",
        srcs = ["fixtures/one/twin.c"],
        linker_script = ":undefined_lds",
        symbol_prefix = "__p_",
        tags = manual,
        deps = [":undefined_first"],
    )
    hyp_library(name = "undefined_second", srcs = ["fixtures/second.S"], tags = manual)
    hyp_library(
        name = "undefined_both",
        check_undefined = True,
        tags = manual,
        deps = [":undefined_above", ":undefined_second"],
    )
    hyp_library(
        name = "undefined_top",
        srcs = ["fixtures/one/twin.c"],
        check_undefined = True,
        tags = manual,
        deps = [":undefined_all"],
    )
    tests = {
        "action": (action_test, ":undefined_all"),
        "mutual": (mutual_test, ":undefined_both"),
        "off": (off_test, ":undefined_above"),
        "once": (once_test, ":undefined_top"),
    }
    for test, (rule, subject) in tests.items():
        rule(name = "%s_%s_test" % (name, test), size = "small", target_under_test = subject)
    native.test_suite(name = name, tests = ["%s_%s_test" % (name, t) for t in tests])
