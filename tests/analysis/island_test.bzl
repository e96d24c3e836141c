# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of hyp_island."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "hyp_island", "hyp_library", "hyp_object")
load("//rules:providers.bzl", "HypObjectsInfo")
load(":asserts.bzl", "ON_ARM64", "actions_of", "assert_fails", "assert_has", "assert_has_not", "basenames")

_TOOLCHAIN_ONLY = {k: v for k, v in ON_ARM64.items() if not k.endswith(":platforms")}

def _renames_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    names = ["lib-second.pi.o", "lib-first-one.pi.o"]
    prefixes = actions_of(env, "HypPrefix")
    asserts.equals(env, names, [basenames(a.outputs)[0] for a in prefixes])
    for action, source in zip(prefixes, ["second.hyp.o", "first-one.hyp.o"]):
        asserts.true(env, action.argv[-1].endswith("/" + source), action.argv[-1])
        assert_has(env, action.argv, [
            "--symbol-prefix=__pi_",
            "--alloc-section-prefix=.init",
            "--remove-section=.note.gnu.property",
            "--relative-section=*.rodata.prel64*",
        ])

    # Each object is checked, in every build of the target.
    checks = actions_of(env, "HypCheck")
    asserts.equals(env, names, [a.argv[-1].split("/")[-1] for a in checks])
    for action in checks:
        assert_has(env, action.argv, ["--symbol-prefix=__pi_", "--section-prefix=", "--hyp-relocations=absent", "--no-absolute-relocations"])
        asserts.true(env, [a for a in action.argv if a.startswith("--allowed-undefined=") and a.endswith("/any-symbol.txt")] != [])
    groups = target[OutputGroupInfo]
    asserts.equals(env, [n + ".check" for n in names], basenames(groups._validation))
    asserts.equals(env, names, basenames(target[DefaultInfo].files))
    asserts.equals(env, names, basenames(groups.objects))
    asserts.equals(env, ["second.hyp.o", "first-one.hyp.o"], basenames(groups.inputs))
    asserts.equals(env, ["compile_commands.json"], basenames(groups.compile_commands))
    asserts.equals(env, names, basenames(target[HypObjectsInfo].objects))
    return analysistest.end(env)

renames_test = analysistest.make(_renames_impl, config_settings = _TOOLCHAIN_ONLY)

def _allowed_impl(ctx):
    env = analysistest.begin(ctx)
    check = actions_of(env, "HypCheck")[0]
    assert_has(env, check.argv, [
        "--allowed-undefined=tests/analysis/fixtures/undefined.txt",
        "--allowed-section=.init.*",
        "--policy=tests/analysis/fixtures/policy.txt",
    ])
    assert_has_not(env, check.argv, ["--no-absolute-relocations"])
    assert_has(env, basenames(check.inputs), ["undefined.txt", "policy.txt"])
    return analysistest.end(env)

allowed_test = analysistest.make(_allowed_impl, config_settings = _TOOLCHAIN_ONLY)

# A hyp_object links the objects of an island.
def _linked_impl(ctx):
    env = analysistest.begin(ctx)
    link = actions_of(env, "HypPartialLink")[0]
    asserts.equals(env, ["lib-second.pi.o", "lib-first-one.pi.o"], [a.split("/")[-1] for a in link.argv if a.endswith(".pi.o")])
    return analysistest.end(env)

linked_test = analysistest.make(_linked_impl, config_settings = _TOOLCHAIN_ONLY)

clash_test = analysistest.make(
    assert_fails("would both become first-one.island.o; put one of them in another hyp_island"),
    config_settings = _TOOLCHAIN_ONLY,
    expect_failure = True,
)

def _subjects():
    manual = ["manual"]
    hyp_library(
        name = "island_library",
        srcs = ["fixtures/second.S", "fixtures/first-one.c"],
        hdrs = ["fixtures/header.h"],
        tags = manual,
    )
    hyp_library(name = "island_again", srcs = ["fixtures/first-one.c"], hdrs = ["fixtures/header.h"], tags = manual)
    hyp_island(
        name = "island_pi",
        alloc_section_prefix = ".init",
        object_prefix = "lib-",
        object_suffix = ".pi.o",
        relative_sections = ["*.rodata.prel64*"],
        remove_sections = [".note.gnu.property"],
        symbol_prefix = "__pi_",
        tags = manual,
        deps = [":island_library"],
    )
    hyp_island(
        name = "island_allowed",
        allowed_sections = [".init.*"],
        allowed_undefined = ["fixtures/undefined.txt"],
        check_policy = "fixtures/policy.txt",
        no_absolute_relocations = False,
        symbol_prefix = "__pi_",
        tags = manual,
        deps = [":island_library"],
    )
    hyp_island(name = "island_clash", symbol_prefix = "__pi_", tags = manual, deps = [":island_library", ":island_again"])
    hyp_object(name = "island_linked", linker_script = ":object_plain_script", tags = manual, deps = [":island_pi"])

def island_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the beginning of the tests' names.
    """
    _subjects()
    tests = [
        ("renames", renames_test, ":island_pi"),
        ("allowed", allowed_test, ":island_allowed"),
        ("linked", linked_test, ":island_linked"),
        ("clash", clash_test, ":island_clash"),
    ]
    for test, rule, subject in tests:
        rule(name = "%s_%s_test" % (name, test), size = "small", target_under_test = subject)
    native.test_suite(name = name, tests = ["%s_%s_test" % (name, t[0]) for t in tests])
