# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of what hyp_library shares with cc_library: implementation_deps, local_defines, data, features, select()."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:defs.bzl", "hyp_library", "hyp_object")
load("//rules:providers.bzl", "HypObjectsInfo")
load(":asserts.bzl", "ON_ARM64", "actions_of", "assert_has", "assert_has_not", "basenames", "compiler_command", "options_of")

_TOOLCHAIN_ONLY = {k: v for k, v in ON_ARM64.items() if not k.endswith(":platforms")}

def _objects(env):
    return basenames(analysistest.target_under_test(env)[HypObjectsInfo].objects)

def _context(env):
    return analysistest.target_under_test(env)[CcInfo].compilation_context

def _local_defines_impl(ctx):
    env = analysistest.begin(ctx)
    action = actions_of(env, "HypCompile")[0]
    defines = [o for o in options_of(action) if o.startswith("-D")]
    asserts.equals(env, ["-DPUBLIC", "-DLOCAL=1", "-DOTHER"], defines, "after those for dependents, before copts")
    asserts.equals(env, ["PUBLIC"], _context(env).defines.to_list(), "local_defines are not for dependents")
    writes = [a for a in analysistest.target_actions(env) if a.outputs.to_list()[0].basename == "compile_commands.json"]
    asserts.equals(env, compiler_command(action), json.decode(writes[0].content)[0]["arguments"])
    return analysistest.end(env)

local_defines_test = analysistest.make(_local_defines_impl, config_settings = ON_ARM64)

# What the leaf has for those that depend on it.
_OF_LEAF = ["-DPUBLIC", "-Itests/analysis/fixtures/one"]

def _implementation_deps_impl(ctx):
    env = analysistest.begin(ctx)
    action = actions_of(env, "HypCompile")[0]
    assert_has(env, options_of(action), _OF_LEAF)
    assert_has_not(env, options_of(action), ["-DLOCAL=1"])
    assert_has(env, basenames(action.inputs), ["header.h"])
    asserts.equals(env, ["second.hyp.o", "twin.hyp.o", "first-one.hyp.o"], _objects(env), "own objects, those of deps, those of implementation_deps")
    context = _context(env)
    asserts.equals(env, [], context.defines.to_list())
    asserts.equals(env, [], context.headers.to_list())
    assert_has_not(env, context.includes.to_list(), ["tests/analysis/fixtures/one"])
    writes = [a for a in analysistest.target_actions(env) if a.outputs.to_list()[0].basename == "compile_commands.json"]
    asserts.equals(env, compiler_command(action), json.decode(writes[0].content)[0]["arguments"])
    return analysistest.end(env)

implementation_deps_test = analysistest.make(_implementation_deps_impl, config_settings = ON_ARM64)

def _dependent_impl(ctx):
    env = analysistest.begin(ctx)
    action = actions_of(env, "HypCompile")[0]
    assert_has_not(env, options_of(action), _OF_LEAF + ["-DLOCAL=1"])
    assert_has_not(env, basenames(action.inputs), ["header.h"])
    asserts.equals(env, ["twin.hyp.o", "second.hyp.o", "twin.hyp.o", "first-one.hyp.o"], _objects(env), "all objects are linked")
    return analysistest.end(env)

dependent_test = analysistest.make(_dependent_impl, config_settings = ON_ARM64)

def _data_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    runfiles = basenames(target[DefaultInfo].default_runfiles.files)
    asserts.equals(env, ctx.attr.files, sorted(runfiles))
    for action in actions_of(env, "HypCompile") + actions_of(env, "HypPartialLink"):
        assert_has_not(env, basenames(action.inputs), ctx.attr.files)
    return analysistest.end(env)

_DATA_ATTRS = {"files": attr.string_list()}
data_test = analysistest.make(_data_impl, attrs = _DATA_ATTRS, config_settings = ON_ARM64)
object_data_test = analysistest.make(_data_impl, attrs = _DATA_ATTRS, config_settings = _TOOLCHAIN_ONLY)

def _features_impl(ctx):
    env = analysistest.begin(ctx)
    options = options_of(actions_of(env, "HypCompile")[0])
    assert_has(env, options, ["-O1", "-DEXTRA"])
    assert_has_not(env, options, ["-no-canonical-prefixes", "-fPIC"])
    return analysistest.end(env)

features_test = analysistest.make(_features_impl, config_settings = ON_ARM64)

def _no_features_impl(ctx):
    env = analysistest.begin(ctx)
    options = options_of(actions_of(env, "HypCompile")[0])
    assert_has(env, options, ["-O1", "-no-canonical-prefixes"])
    assert_has_not(env, options, ["-DEXTRA", "-fPIC"])
    return analysistest.end(env)

no_features_test = analysistest.make(_no_features_impl, config_settings = ON_ARM64)

def _select_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, ctx.attr.objects, _objects(env))
    asserts.equals(env, ctx.attr.defines, [o for o in options_of(actions_of(env, "HypCompile")[0]) if o.startswith("-D")])
    return analysistest.end(env)

_SELECT_ATTRS = {"defines": attr.string_list(), "objects": attr.string_list()}
select_test = analysistest.make(_select_impl, attrs = _SELECT_ATTRS, config_settings = ON_ARM64)
select_opt_test = analysistest.make(
    _select_impl,
    attrs = _SELECT_ATTRS,
    config_settings = ON_ARM64 | {"//command_line_option:compilation_mode": "opt"},
)

def _compatible_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, ["first-one.hyp.o"], [a.split("/")[-1] for a in actions_of(env, "HypPartialLink")[0].argv if a.endswith(".hyp.o")])
    return analysistest.end(env)

# On the host's platform: the object moves its deps to one that they are compatible with.
compatible_test = analysistest.make(_compatible_impl, config_settings = _TOOLCHAIN_ONLY)

def _subjects():
    manual = ["manual"]
    one = ["fixtures/first-one.c"]
    hyp_library(
        name = "attributes_leaf",
        srcs = one,
        hdrs = ["fixtures/header.h"],
        copts = ["-DOTHER"],
        data = ["fixtures/undefined.txt"],
        defines = ["PUBLIC"],
        includes = ["fixtures/one"],
        local_defines = ["LOCAL=1"],
        tags = manual,
    )
    hyp_library(name = "attributes_other", srcs = ["fixtures/one/twin.c"], tags = manual)
    hyp_library(
        name = "attributes_middle",
        srcs = ["fixtures/second.S"],
        data = ["fixtures/policy.txt"],
        implementation_deps = [":attributes_leaf"],
        tags = manual,
        deps = [":attributes_other"],
    )
    hyp_library(name = "attributes_top", srcs = ["fixtures/two/twin.c"], tags = manual, deps = [":attributes_middle"])
    hyp_object(
        name = "attributes_object",
        data = ["fixtures/script.lds.S"],
        linker_script = ":object_plain_script",
        tags = manual,
        deps = [":attributes_top"],
    )
    hyp_library(
        name = "attributes_features",
        srcs = one,
        features = ["extra", "-hermetic_flags", "pic", "unheard_of", "-unheard_of_too"],
        tags = manual,
    )
    hyp_library(name = "attributes_no_features", srcs = one, tags = manual)
    native.config_setting(name = "is_opt", values = {"compilation_mode": "opt"})
    hyp_library(
        name = "attributes_select",
        srcs = ["fixtures/second.S"] + select({"@platforms//cpu:aarch64": one, "//conditions:default": []}),
        asmopts = select({":is_opt": ["-DOPT"], "//conditions:default": ["-DOTHER"]}),
        tags = manual,
    )
    hyp_library(
        name = "attributes_aarch64",
        srcs = one,
        tags = manual,
        target_compatible_with = ["@platforms//cpu:aarch64"],
    )
    hyp_object(name = "attributes_compatible", linker_script = ":object_plain_script", tags = manual, deps = [":attributes_aarch64"])

    # Not manual: if it were not skipped, the build of all targets would fail, since -pg is rejected. So would that of the object, which is compatible with nothing either.
    hyp_library(
        name = "attributes_incompatible",
        srcs = one,
        copts = ["-pg"],
        target_compatible_with = ["@platforms//:incompatible"],
    )
    hyp_object(
        name = "attributes_object_of_incompatible",
        linker_script = ":object_plain_script",
        deps = [":attributes_incompatible"],
    )

def attributes_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the start of the tests' names.
    """
    _subjects()
    tests = [
        ("local_defines", local_defines_test, ":attributes_leaf", {}),
        ("implementation_deps", implementation_deps_test, ":attributes_middle", {}),
        ("dependent", dependent_test, ":attributes_top", {}),
        ("data", data_test, ":attributes_leaf", {"files": ["undefined.txt"]}),
        ("data_of_deps", data_test, ":attributes_top", {"files": ["policy.txt", "undefined.txt"]}),
        ("data_of_object", object_data_test, ":attributes_object", {"files": ["policy.txt", "script.lds.S", "undefined.txt"]}),
        ("features", features_test, ":attributes_features", {}),
        ("no_features", no_features_test, ":attributes_no_features", {}),
        ("select", select_test, ":attributes_select", {"defines": ["-DOTHER"], "objects": ["second.hyp.o", "first-one.hyp.o"]}),
        ("select_opt", select_opt_test, ":attributes_select", {"defines": ["-DOPT"], "objects": ["second.hyp.o", "first-one.hyp.o"]}),
        ("compatible", compatible_test, ":attributes_compatible", {}),
    ]
    for test, rule, subject, attributes in tests:
        rule(name = "%s_%s_test" % (name, test), size = "small", target_under_test = subject, **attributes)
    native.test_suite(name = name, tests = ["%s_%s_test" % (name, t[0]) for t in tests])
