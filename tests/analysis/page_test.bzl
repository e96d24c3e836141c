# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of the page of a hyp_object, of hyp_layout_page and of hyp_compare_page."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "hyp_compare_page", "hyp_layout_page")
load("//rules:providers.bzl", "HypObjectInfo")
load(":asserts.bzl", "ON_ARM64", "actions_of", "assert_has", "basenames")

_TOOLCHAIN_ONLY = {k: v for k, v in ON_ARM64.items() if not k.endswith(":platforms")}

def _page_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    info, pages = target[HypObjectInfo], target[OutputGroupInfo].html.to_list()
    page = actions_of(env, "HypLayoutPage")[0]
    asserts.equals(env, ["layout", "--html=" + pages[0].path, "--map=" + info.layout.path, info.object.path], page.argv[1:])
    assert_has(env, basenames(page.inputs), ["hyp.o", "layout.json"])
    asserts.equals(env, pages, page.outputs.to_list())

    # It is not made unless asked for.
    asserts.false(env, pages[0] in target[DefaultInfo].files.to_list() + target[OutputGroupInfo]._validation.to_list())
    return analysistest.end(env)

page_test = analysistest.make(_page_impl, config_settings = _TOOLCHAIN_ONLY)

def _runnable_page_impl(ctx):
    env = analysistest.begin(ctx)
    info = analysistest.target_under_test(env)[DefaultInfo]
    asserts.equals(env, ["runnable_page.html"], basenames(info.files))

    # The program opens the file with its own name and .html after it.
    program = info.files_to_run.executable
    asserts.equals(env, info.files.to_list()[0].path, program.path + ".html")
    assert_has(env, basenames(info.default_runfiles.files), ["runnable_page", "runnable_page.html"])
    return analysistest.end(env)

runnable_page_test = analysistest.make(_runnable_page_impl)

def _compare_page_impl(ctx):
    env = analysistest.begin(ctx)
    info = analysistest.target_under_test(env)[DefaultInfo]
    page = actions_of(env, "HypComparePage")[0]
    base, object, layout = [file.path for file in page.inputs.to_list() if file.basename in ["released.o", "layout.json", "hyp.o"]]
    arguments = ["compare", "--allow-differences", "--lines=0", "--html=" + info.files.to_list()[0].path]

    # A file has no map.
    asserts.equals(env, arguments + ["--map-b=" + layout, base, object], page.argv[1:])
    asserts.equals(env, info.files.to_list(), page.outputs.to_list())
    asserts.equals(env, info.files.to_list()[0].path, info.files_to_run.executable.path + ".html")
    return analysistest.end(env)

compare_page_test = analysistest.make(_compare_page_impl, config_settings = _TOOLCHAIN_ONLY)

def _several_files_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, ":several_objects, which has 2 files, want a hyp_object or one object file")
    return analysistest.end(env)

several_files_test = analysistest.make(_several_files_impl, expect_failure = True)

def page_test_suite(name, object):
    """Declares the tests of this file and the target under test.

    Args:
      name: string, the name of the suite and the beginning of the tests' names.
      object: label of a hyp_object.
    """
    hyp_layout_page(name = "runnable_page", object = object, tags = ["manual"])
    hyp_compare_page(name = "compared_page", base = "released.o", object = object, tags = ["manual"])
    native.filegroup(name = "several_objects", srcs = ["released.o", "other.o"], tags = ["manual"])
    hyp_compare_page(name = "several_page", base = ":several_objects", object = object, tags = ["manual"])
    page_test(name = name + "_page_test", size = "small", target_under_test = object)
    runnable_page_test(name = name + "_runnable_page_test", size = "small", target_under_test = ":runnable_page")
    compare_page_test(name = name + "_compare_page_test", size = "small", target_under_test = ":compared_page")
    several_files_test(name = name + "_several_files_test", size = "small", target_under_test = ":several_page")
    native.test_suite(
        name = name,
        tests = [name + suffix for suffix in ["_page_test", "_runnable_page_test", "_compare_page_test", "_several_files_test"]],
    )
