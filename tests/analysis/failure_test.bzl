# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of errors: each says what it got, what it wants and what to do."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest")
load("@rules_cc//cc:cc_library.bzl", "cc_library")
load("//rules:defs.bzl", "hyp_library", "hyp_linker_script", "hyp_object")
load(":asserts.bzl", "ON_ARM64", "assert_fails")

def _failure(message, settings = ON_ARM64):
    return analysistest.make(assert_fails(message), config_settings = settings, expect_failure = True)

# A cc_library needs more of its toolchain than the tests' has.
_REAL_TOOLCHAIN = {"//command_line_option:platforms": [str(Label("//platforms:arm64"))]}
_NO_PLATFORM = {"//command_line_option:platforms": [str(Label("//tests/analysis:unheard_of"))]}
_NO_HYPLINK = ON_ARM64 | {str(Label("//toolchain/hyplink:from_source")): False}

# The compiler runs on one platform, hypcc on another. With --incompatible_auto_exec_groups, with which .ci/run runs this test again, Bazel would
# take one of each for an action that does not have both toolchains in one execution group.
_TWO_PLATFORMS = {
    str(Label("//toolchain/hyplink:from_source")): False,
    "//command_line_option:extra_execution_platforms": [
        str(Label("//tests/analysis:compiler_platform")),
        str(Label("//tests/analysis:hypcc_platform")),
    ],
    "//command_line_option:extra_toolchains": [
        str(Label("//tests/analysis:compiler_there")),
        str(Label("//tests/analysis:hypcc_here")),
    ],
    "//command_line_option:platforms": [str(Label("//tests/analysis:unheard_of"))],
}

empty_test = _failure("srcs and deps are both empty")
duplicate_test = _failure("would both become tests/analysis/fixtures/first-one.hyp.o")
suffix_test = _failure("object_suffix: got \".hyp/x.o\", want one such as .hyp.o")
no_object_suffix_test = _failure("object_suffix: got \".nvhe\", want one such as .hyp.o")
no_suffix_test = _failure("object_suffix: got \"\", want one such as .hyp.o")
copts_test = _failure("got -pg, which must not reach EL2 code")
asmopts_test = _failure("asmopts: got -fpatchable-function-entry=2, which must not reach EL2 code")
per_file_test = _failure("copts with per_file_copts of tests/analysis/fixtures/first-one.c: got -flto=thin")
lto_test = _failure("bitcode, which hyplink cannot link")
unknown_file_test = _failure("got \"second.c\", which matches no source")
no_tree_test = _failure("but `tree` is not set")
outside_include_test = _failure("want a directory below this package")
cc_library_test = _failure("which has linked or foreign code", _REAL_TOOLCHAIN)
hyp_object_test = _failure("object, which has linked or foreign code")
class_test = _failure("prefix_classes: got \"public\", want any of all, defined")
blank_test = _failure("symbol_prefix: got \"__p _\", which has a \" \"")
line_break_test = _failure("hyp_section_prefix: got \".hyp\\n\", which has a \"\\n\"")
renamed_table_test = _failure("alloc_section_prefix: got \".init\" with hyp_relocations")
plain_script_test = _failure("need a src that is preprocessed")
no_cc_toolchain_test = _failure("no C toolchain is registered for the target platform", _NO_PLATFORM)
no_cc_toolchain_for_script_test = _failure("no C toolchain is registered for the target platform", _NO_PLATFORM)
no_hyplink_test = _failure("no hyplink toolchain is registered", _NO_HYPLINK)
two_platforms_test = _failure("no hyplink toolchain is registered for an execution platform on which the C toolchain runs", _TWO_PLATFORMS)
foreign_file_test = _failure("srcs: got tests/analysis/fixtures/undefined.txt, want .c, .S, .s, .h or .inc files")
policy_files_test = _failure("check_policy_files: got files, but no check_policy names them")
no_hyplink_for_library_test = _failure("no hyplink toolchain is registered", _NO_HYPLINK)

def _subjects():
    """Declares the targets that fail; returns {test's name: (test rule, subject)}."""
    one = ["fixtures/first-one.c"]
    manual = ["manual"]
    hyp_library(name = "empty", tags = manual)
    hyp_library(name = "duplicate", srcs = one + ["fixtures/first-one.S"], tags = manual)
    hyp_library(name = "suffix_with_slash", srcs = one, object_suffix = ".hyp/x.o", tags = manual)
    hyp_library(name = "suffix_of_no_object", srcs = one, object_suffix = ".nvhe", tags = manual)
    hyp_library(name = "empty_suffix", srcs = one, object_suffix = "", tags = manual)
    hyp_library(name = "traced", srcs = one, copts = ["-pg"], tags = manual)
    hyp_library(name = "patched", srcs = ["fixtures/second.S"], asmopts = ["-fpatchable-function-entry=2"], tags = manual)
    hyp_library(name = "per_file", srcs = one, per_file_copts = {"first-one.c": ["-flto=thin"]}, tags = manual)
    hyp_library(name = "unknown_file", srcs = one, per_file_copts = {"second.c": ["-O3"]}, tags = manual)
    hyp_library(name = "no_tree", srcs = one, copts = ["-I$(TREE)"], tags = manual)
    hyp_library(name = "outside_include", srcs = one, includes = ["../.."], tags = manual)
    cc_library(name = "code", srcs = one, tags = manual)
    cc_library(name = "code_below", hdrs = ["fixtures/header.h"], tags = manual, deps = [":code"])
    hyp_library(name = "takes_code", srcs = ["fixtures/second.S"], tags = manual, deps = [":code_below"])
    hyp_linker_script(name = "plain_with_defines", src = "fixtures/plain.lds", defines = ["A"], tags = manual)
    hyp_library(name = "library", srcs = one, tags = manual)
    hyp_linker_script(name = "script", src = "fixtures/script.lds.S", tags = manual)
    hyp_linker_script(name = "plain", src = "fixtures/plain.lds", tags = manual)
    hyp_object(name = "object", linker_script = ":plain", tags = manual, deps = [":library"])
    hyp_library(name = "takes_object", srcs = one, tags = manual, deps = [":object"])
    hyp_object(
        name = "unknown_class",
        linker_script = ":plain",
        prefix_classes = ["public"],
        tags = manual,
        deps = [":library"],
    )
    hyp_object(
        name = "blank_in_prefix",
        linker_script = ":plain",
        symbol_prefix = "__p _",
        tags = manual,
        deps = [":library"],
    )
    hyp_object(
        name = "line_break_in_prefix",
        hyp_section_prefix = ".hyp\n",
        linker_script = ":plain",
        tags = manual,
        deps = [":library"],
    )
    hyp_object(
        name = "renamed_table",
        alloc_section_prefix = ".init",
        hyp_relocations = True,
        linker_script = ":plain",
        tags = manual,
        deps = [":library"],
    )
    native.filegroup(name = "foreign", srcs = one + ["fixtures/undefined.txt"], tags = manual)
    hyp_library(name = "foreign_file", srcs = [":foreign"], tags = manual)
    hyp_object(
        name = "policy_files",
        check_policy_files = ["fixtures/undefined.txt"],
        linker_script = ":plain",
        tags = manual,
        deps = [":library"],
    )
    return {
        "foreign_file": (foreign_file_test, ":foreign_file"),
        "policy_files": (policy_files_test, ":policy_files"),
        "two_platforms": (two_platforms_test, ":library"),
        "class": (class_test, ":unknown_class"),
        "hyp_object": (hyp_object_test, ":takes_object"),
        "asmopts": (asmopts_test, ":patched"),
        "cc_library": (cc_library_test, ":takes_code"),
        "copts": (copts_test, ":traced"),
        "duplicate": (duplicate_test, ":duplicate"),
        "empty": (empty_test, ":empty"),
        "suffix": (suffix_test, ":suffix_with_slash"),
        "no_object_suffix": (no_object_suffix_test, ":suffix_of_no_object"),
        "no_suffix": (no_suffix_test, ":empty_suffix"),
        "lto": (lto_test, ":per_file"),
        "no_cc_toolchain": (no_cc_toolchain_test, ":library"),
        "no_cc_toolchain_for_script": (no_cc_toolchain_for_script_test, ":script"),
        "no_hyplink": (no_hyplink_test, ":object"),
        "no_hyplink_for_library": (no_hyplink_for_library_test, ":library"),
        "no_tree": (no_tree_test, ":no_tree"),
        "outside_include": (outside_include_test, ":outside_include"),
        "per_file": (per_file_test, ":per_file"),
        "plain_script": (plain_script_test, ":plain_with_defines"),
        "blank": (blank_test, ":blank_in_prefix"),
        "line_break": (line_break_test, ":line_break_in_prefix"),
        "renamed_table": (renamed_table_test, ":renamed_table"),
        "unknown_file": (unknown_file_test, ":unknown_file"),
    }

def failure_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the start of the tests' names.
    """
    tests = _subjects()
    for test, (rule, subject) in tests.items():
        rule(name = "%s_%s_test" % (name, test), size = "small", target_under_test = subject)
    native.test_suite(name = name, tests = ["%s_%s_test" % (name, t) for t in tests])
