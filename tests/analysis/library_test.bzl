# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of hyp_library: its actions and providers."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:defs.bzl", "hyp_library")
load("//rules:providers.bzl", "HypObjectsInfo")
load(":asserts.bzl", "ON_ARM64", "actions_of", "assert_has", "assert_has_not", "compiler_command", "options_of")

_FIXTURES = "tests/analysis/fixtures/"

def _object_names(env):
    target = analysistest.target_under_test(env)
    directory = "/%s/" % target.label.name
    return [o.short_path.partition(directory)[2] for o in target[HypObjectsInfo].objects.to_list()]

def _compile_impl(ctx):
    env = analysistest.begin(ctx)
    actions = actions_of(env, "HypCompile")
    asserts.equals(env, 2, len(actions))
    asserts.equals(env, ["second.hyp.o", "first-one.hyp.o"], _object_names(env), "objects are in the order of srcs")

    assembly, c = actions
    asserts.true(env, c.argv[0].endswith("/hypcc"), "the compiler runs under hypcc, not under " + c.argv[0])
    asserts.equals(env, "/nowhere/gcc", compiler_command(c)[0])
    asserts.equals(env, [_FIXTURES + "first-one.c"], compiler_command(c)[-1:])
    asserts.true(env, compiler_command(c)[compiler_command(c).index("-o") + 1].endswith("/compiles/first-one.hyp.o"))

    # The toolchain's options, then defines and include directories, then the target's options, then the source's.
    asserts.equals(env, "-O1", options_of(c)[0])
    asserts.equals(env, ["-DC_ONLY", "-DNAME=first-one.nvhe", "-DIDENT=\"first_one\"", "-DONE_FILE", "-c"], options_of(c)[-5:])
    asserts.true(env, options_of(c).index("-DPUBLIC") < options_of(c).index("-DC_ONLY"))
    unwind = ["-fno-asynchronous-unwind-tables", "-fno-unwind-tables"]
    asserts.equals(env, unwind, options_of(c)[2:4], "EL2 code has no unwind tables, unless copts have an option for them")
    assert_has_not(env, options_of(assembly), unwind)
    asserts.equals(env, ["-DASM_ONLY", "-c"], options_of(assembly)[-2:], "copts are not for assembly")

    inputs = [f.basename for f in c.inputs.to_list()]
    assert_has(env, inputs, ["first-one.c", "header.h", "hypcc"])
    assert_has_not(env, inputs, ["second.S", "script.lds.S", "hyplink"])
    asserts.equals(env, ["first-one.hyp.o", "first-one.hyp.o.unused"], sorted([f.basename for f in c.outputs.to_list()]))
    return analysistest.end(env)

compile_test = analysistest.make(_compile_impl, config_settings = ON_ARM64)

def _hygiene_impl(ctx):
    env = analysistest.begin(ctx)
    for action in actions_of(env, "HypCompile"):
        options = options_of(action)
        assert_has(env, options, ["-O1", "-no-canonical-prefixes", "-DFROM_COMMAND_LINE"])
        assert_has_not(env, options, [
            "-pg",
            "-fstack-protector-strong",
            "-fpatchable-function-entry=4,2",
            "-fsanitize=shadow-call-stack",
            "-fsanitize=address",
            "-Xclang",
            "-fprofile-arcs",
            "-flto=thin",
            "--coverage",
        ])
    return analysistest.end(env)

hygiene_test = analysistest.make(
    _hygiene_impl,
    config_settings = ON_ARM64 | {
        "//command_line_option:copt": ["-DFROM_COMMAND_LINE", "-pg", "-fsanitize=address", "--coverage"],
        "//command_line_option:conlyopt": ["-flto=thin"],
    },
)

def _own_options_only_impl(ctx):
    env = analysistest.begin(ctx)
    root = Label("@bazel_skylib//lib:paths").workspace_root
    asserts.equals(
        env,
        [
            "-no-canonical-prefixes",
            "-I%s/include" % root,
            "-fmacro-prefix-map=%s/=" % root,
            "-fstack-protector-strong",
            "-fno-stack-protector",
            "-c",
        ],
        options_of(actions_of(env, "HypCompile")[0]),
    )
    return analysistest.end(env)

# Neither the toolchain's defaults, nor --copt, nor the compilation mode.
own_options_only_test = analysistest.make(
    _own_options_only_impl,
    config_settings = ON_ARM64 | {
        "//command_line_option:copt": ["-DFROM_COMMAND_LINE"],
        "//command_line_option:compilation_mode": "opt",
    },
)

def _same_name_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(
        env,
        [_FIXTURES + "one/twin.hyp.o", "first-one.hyp.o", _FIXTURES + "two/twin.hyp.o"],
        _object_names(env),
    )
    return analysistest.end(env)

same_name_test = analysistest.make(_same_name_impl, config_settings = ON_ARM64)

def _suffix_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, ["second.nvhe.o", "first-one.nvhe.o"], _object_names(env))
    action = actions_of(env, "HypCompile")[1]
    asserts.equals(env, ["first-one.nvhe.o", "first-one.nvhe.o.unused"], sorted([f.basename for f in action.outputs.to_list()]))
    return analysistest.end(env)

suffix_test = analysistest.make(_suffix_impl, config_settings = ON_ARM64)

def _deps_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)

    # Own objects, then those of the deps, left to right; one that several deps have is in its first position.
    asserts.equals(
        env,
        ["second.hyp.o", "twin.hyp.o", "first-one.hyp.o"],
        [o.basename for o in target[HypObjectsInfo].objects.to_list()],
    )
    asserts.equals(env, ["second.hyp.o"], [o.basename for o in target[DefaultInfo].files.to_list()], "only its own by default")

    context = target[CcInfo].compilation_context
    assert_has(env, context.defines.to_list(), ["PUBLIC"])
    assert_has(env, context.includes.to_list(), ["tests/analysis/fixtures/one"])
    assert_has(env, [h.basename for h in context.headers.to_list()], ["header.h"])
    asserts.equals(env, [], target[CcInfo].linking_context.linker_inputs.to_list())

    action = actions_of(env, "HypCompile")[0]
    assert_has(env, options_of(action), ["-DPUBLIC", "-Itests/analysis/fixtures/one"])
    assert_has(env, [f.basename for f in action.inputs.to_list()], ["header.h"])

    groups = target[OutputGroupInfo]
    asserts.equals(env, 3, len(groups.objects.to_list()))
    asserts.equals(env, ["compile_commands.json"], [f.basename for f in groups.compile_commands.to_list()])
    return analysistest.end(env)

deps_test = analysistest.make(_deps_impl, config_settings = ON_ARM64)

def _mixed_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, ["first-one.hyp.o", "second.hyp.o"], _object_names(env), "only .c and .S are compiled")
    for action in actions_of(env, "HypCompile"):
        assert_has(env, [f.basename for f in action.inputs.to_list()], ["header.h"])
        assert_has(env, action.argv, [_FIXTURES + "header.h"])
    context = analysistest.target_under_test(env)[CcInfo].compilation_context
    asserts.equals(env, [], context.headers.to_list(), "headers in srcs are not for dependents")
    return analysistest.end(env)

mixed_test = analysistest.make(_mixed_impl, config_settings = ON_ARM64)

def _compile_commands_impl(ctx):
    env = analysistest.begin(ctx)
    writes = [a for a in analysistest.target_actions(env) if a.outputs.to_list()[0].basename == "compile_commands.json"]
    asserts.equals(env, 1, len(writes))
    entries = json.decode(writes[0].content)
    actions = {compiler_command(a)[-1]: compiler_command(a) for a in actions_of(env, "HypCompile")}
    asserts.equals(env, [_FIXTURES + "second.S", _FIXTURES + "first-one.c"], [e["file"] for e in entries])
    for entry in entries:
        asserts.equals(env, actions[entry["file"]], entry["arguments"], "the database has the command that is run")
    return analysistest.end(env)

compile_commands_test = analysistest.make(_compile_commands_impl, config_settings = ON_ARM64)

def library_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the start of the tests' names.
    """
    hyp_library(
        name = "compiles",
        srcs = ["fixtures/second.S", "fixtures/first-one.c"],
        hdrs = ["fixtures/header.h"],
        asmopts = ["-DASM_ONLY"],
        copts = ["-DC_ONLY", "-DNAME=$(NAME).nvhe", "-DIDENT=\"$(IDENT)\""],
        defines = ["PUBLIC"],
        includes = ["fixtures/one"],
        per_file_copts = {"first-one.c": ["-DONE_FILE"]},
        tags = ["manual"],
    )
    hyp_library(
        name = "own_options",
        srcs = ["fixtures/first-one.c"],
        copts = [
            "-I$(TREE)/include",
            "-fmacro-prefix-map=$(TREE)/=",
            "-fstack-protector-strong",
            "-fno-stack-protector",
        ],
        tags = ["manual"],
        toolchain_flags = False,
        tree = "@bazel_skylib//lib:paths",
    )
    native.filegroup(
        name = "mixed_files",
        srcs = ["fixtures/first-one.c", "fixtures/header.h", "fixtures/second.S"],
        tags = ["manual"],
    )
    hyp_library(name = "mixed", srcs = [":mixed_files"], tags = ["manual"])
    hyp_library(
        name = "twins",
        srcs = ["fixtures/one/twin.c", "fixtures/first-one.c", "fixtures/two/twin.c"],
        tags = ["manual"],
    )
    hyp_library(
        name = "suffixed",
        srcs = ["fixtures/second.S", "fixtures/first-one.c"],
        object_suffix = ".nvhe.o",
        tags = ["manual"],
    )
    hyp_library(
        name = "leaf",
        srcs = ["fixtures/first-one.c"],
        hdrs = ["fixtures/header.h"],
        defines = ["PUBLIC"],
        includes = ["fixtures/one"],
        tags = ["manual"],
    )
    hyp_library(name = "middle", srcs = ["fixtures/one/twin.c"], tags = ["manual"], deps = [":leaf"])
    hyp_library(name = "top", srcs = ["fixtures/second.S"], tags = ["manual"], deps = [":middle", ":leaf"])

    tests = {
        "compile": (compile_test, ":compiles"),
        "compile_commands": (compile_commands_test, ":compiles"),
        "deps": (deps_test, ":top"),
        "mixed": (mixed_test, ":mixed"),
        "hygiene": (hygiene_test, ":leaf"),
        "own_options_only": (own_options_only_test, ":own_options"),
        "same_name": (same_name_test, ":twins"),
        "suffix": (suffix_test, ":suffixed"),
    }
    for test, (rule, subject) in tests.items():
        rule(name = "%s_%s_test" % (name, test), size = "small", target_under_test = subject)
    native.test_suite(name = name, tests = ["%s_%s_test" % (name, t) for t in tests])
