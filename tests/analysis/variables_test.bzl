# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of variables and of paths of labels in options."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest")
load("//rules:defs.bzl", "hyp_library", "hyp_linker_script")
load(":asserts.bzl", "ON_ARM64", "actions_of", "assert_fails", "assert_has", "options_of")

_FIXTURES = "tests/analysis/fixtures/"

def _variables_impl(_ctx):
    return [platform_common.TemplateVariableInfo({"FROM_TARGET": "given", "IN_TURN": "$(FROM_TARGET)-$(COMPILATION_MODE)"})]

_variables = rule(implementation = _variables_impl)

def _generated_impl(ctx):
    files = [ctx.actions.declare_file("variables/" + name) for name in ctx.attr.names]
    for file in files:
        ctx.actions.write(file, "")
    return [DefaultInfo(files = depset(files))]

_generated = rule(implementation = _generated_impl, attrs = {"names": attr.string_list()})

def _expands_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)

    # Mapped, in the build that maps paths.
    bin_dir = "bazel-out/cfg/bin" if ctx.attr.mapped else actions_of(env, "HypCompile")[0].outputs.to_list()[0].root.path
    package = bin_dir + "/" + target.label.package
    assembly, c = [options_of(a) for a in actions_of(env, "HypCompile")]
    common = [
        "-DDEFINE=fastbuild",
        "-DHEADER=" + package + "/variables/a.h",
        "-DLOCAL=given",
        "-DDOLLAR=$(NAME)$",
    ]
    assert_has(env, c, common + [
        "-DMODE=fastbuild",
        "-DTURN=given-fastbuild",
        "-I" + bin_dir + "/x",
        "-Wp,-isystem%s/y,-DNO=my-bazel-out/a/b" % bin_dir,
        "-DNAME=first-one",
        "-DSOURCE=" + _FIXTURES + "first-one.c",
        "-DHEADER_AND_ALIAS=%s/variables/a.h:%s/variables/a.h" % (package, package),
        "-DBOTH=%s/variables/b.bin %s/variables/c.bin" % (package, package),
        "-DDEP=%s/variables_dep/twin.hyp.o" % package,
        "-DDATA=%sundefined.txt" % _FIXTURES,
        "-DRLOCATION=" + ctx.workspace_name + "/" + _FIXTURES + "undefined.txt",
        "-DFOR_FILE=fastbuild-first_one",
    ])
    assert_has(env, assembly, common + ["-DASM=fastbuild", "-Wa,-I,%s/variables/a.h" % package])
    return analysistest.end(env)

# .ci/run runs this again with --config=mapped-paths.
expands_test = analysistest.make(
    _expands_impl,
    attrs = {"mapped": attr.bool()},
    config_settings = ON_ARM64,
)

def _script_impl(ctx):
    env = analysistest.begin(ctx)
    options = options_of(actions_of(env, "HypLinkerScript")[0])
    assert_has(env, options, ["-DMODE=fastbuild", "-DSOURCE=" + _FIXTURES + "script.lds.S", "-DDEFINE=given", "-DHEADER=" + _FIXTURES + "header.h"])
    return analysistest.end(env)

script_test = analysistest.make(_script_impl, config_settings = ON_ARM64)

def _failure(message):
    return analysistest.make(assert_fails(message), config_settings = ON_ARM64, expect_failure = True)

# Attribute, variable and target.
unknown_copts_test = _failure("//tests/analysis:unknown_copts: copts: got $(FROM_NOWHERE) in -I$(FROM_NOWHERE)/x, which is not a variable; want $(TREE), $(NAME)")
unknown_asmopts_test = _failure("//tests/analysis:unknown_asmopts: asmopts: got $(FROM_NOWHERE) in")
unknown_per_file_test = _failure("//tests/analysis:unknown_per_file: per_file_copts: got $(FROM_NOWHERE) in")
unknown_defines_test = _failure("//tests/analysis:unknown_defines: defines: got $(NAME) in A=$(NAME), which is not a variable; want $(TREE), $(COMPILATION_MODE)")
unknown_local_defines_test = _failure("//tests/analysis:unknown_local_defines: local_defines: got $(FROM_NOWHERE) in")
unknown_script_test = _failure("//tests/analysis:unknown_script: copts: got $(NAME) in -DA=$(NAME), which is not a variable")
dollar_test = _failure("//tests/analysis:one_dollar: copts: got -DA=$x, want $(NAME) for a variable, or $$ for a dollar sign")
unclosed_test = _failure("//tests/analysis:unclosed: copts: got -DA=$(NAME, want $(NAME) for a variable")
undeclared_test = _failure("label '//tests/analysis:fixtures/policy.txt' in $(location) expression is not a declared prerequisite")

def _failing_subjects():
    """Declares the targets that fail; returns {test's name: (test rule, subject)}."""
    one = ["fixtures/first-one.c"]
    nowhere = ["-I$(FROM_NOWHERE)/x"]
    manual = ["manual"]
    hyp_library(name = "unknown_copts", srcs = one, copts = nowhere, tags = manual)
    hyp_library(name = "unknown_asmopts", srcs = one, asmopts = nowhere, tags = manual)
    hyp_library(name = "unknown_per_file", srcs = one, per_file_copts = {"first-one.c": nowhere}, tags = manual)
    hyp_library(name = "unknown_defines", srcs = one, defines = ["A=$(NAME)"], tags = manual)
    hyp_library(name = "unknown_local_defines", srcs = one, local_defines = ["A=$(FROM_NOWHERE)"], tags = manual)
    hyp_linker_script(name = "unknown_script", src = "fixtures/script.lds.S", copts = ["-DA=$(NAME)"], tags = manual)
    hyp_library(name = "one_dollar", srcs = one, copts = ["-DA=$x"], tags = manual)
    hyp_library(name = "unclosed", srcs = one, copts = ["-DA=$(NAME"], tags = manual)
    hyp_library(name = "undeclared", srcs = one, copts = ["-DA=$(location fixtures/policy.txt)"], tags = manual)
    return {
        "unknown_copts": (unknown_copts_test, ":unknown_copts"),
        "unknown_asmopts": (unknown_asmopts_test, ":unknown_asmopts"),
        "unknown_per_file": (unknown_per_file_test, ":unknown_per_file"),
        "unknown_defines": (unknown_defines_test, ":unknown_defines"),
        "unknown_local_defines": (unknown_local_defines_test, ":unknown_local_defines"),
        "unknown_in_script": (unknown_script_test, ":unknown_script"),
        "dollar": (dollar_test, ":one_dollar"),
        "unclosed": (unclosed_test, ":unclosed"),
        "undeclared": (undeclared_test, ":undeclared"),
    }

def _subjects():
    manual = ["manual"]
    _variables(name = "variables", tags = manual)
    _generated(name = "variables_header", names = ["a.h"], tags = manual)
    _generated(name = "variables_files", names = ["b.bin", "c.bin"], tags = manual)
    native.alias(name = "variables_alias", actual = ":variables_header", tags = manual)
    hyp_library(name = "variables_dep", srcs = ["fixtures/one/twin.c"], tags = manual)
    hyp_library(
        name = "variables_library",
        srcs = ["fixtures/second.S", "fixtures/first-one.c"],
        hdrs = [":variables_alias", ":variables_header"],
        additional_compiler_inputs = [":variables_files", "fixtures/first-one.c"],
        asmopts = ["-DASM=$(COMPILATION_MODE)", "-Wa,-I,$(execpath :variables_header)"],
        copts = [
            "-DMODE=$(COMPILATION_MODE)",
            "-DTURN=$(IN_TURN)",
            "-I$(BINDIR)/x",
            "-Wp,-isystem$(BINDIR)/y,-DNO=my-bazel-out/a/b",
            "-DNAME=$(NAME)",
            "-DSOURCE=$(location fixtures/first-one.c)",
            "-DHEADER_AND_ALIAS=$(execpath :variables_header):$(execpath :variables_alias)",
            "-DBOTH=$(locations :variables_files)",
            "-DDEP=$(execpath :variables_dep)",
            "-DDATA=$(rootpath fixtures/undefined.txt)",
            "-DRLOCATION=$(rlocationpath fixtures/undefined.txt)",
        ],
        data = ["fixtures/undefined.txt"],
        defines = ["DEFINE=$(COMPILATION_MODE)", "HEADER=$(execpath :variables_header)"],
        local_defines = ["LOCAL=$(FROM_TARGET)", "DOLLAR=$$(NAME)$$"],
        per_file_copts = {"first-one.c": ["-DFOR_FILE=$(COMPILATION_MODE)-$(IDENT)"]},
        tags = manual,
        toolchains = [":variables"],
        deps = [":variables_dep"],
    )
    hyp_linker_script(
        name = "variables_script",
        src = "fixtures/script.lds.S",
        hdrs = ["fixtures/header.h"],
        copts = ["-DMODE=$(COMPILATION_MODE)", "-DSOURCE=$(location fixtures/script.lds.S)"],
        defines = ["DEFINE=$(FROM_TARGET)", "HEADER=$(execpath fixtures/header.h)"],
        tags = manual,
        toolchains = [":variables"],
    )

def variables_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the start of the tests' names.
    """
    _subjects()
    tests = _failing_subjects()
    for test, (rule, subject) in tests.items():
        rule(name = "%s_%s_test" % (name, test), size = "small", target_under_test = subject)
    expands_test(
        name = name + "_expands_test",
        size = "small",
        mapped = select({":paths_are_mapped": True, "//conditions:default": False}),
        target_under_test = ":variables_library",
    )
    script_test(name = name + "_script_test", size = "small", target_under_test = ":variables_script")
    native.test_suite(name = name, tests = ["%s_%s_test" % (name, t) for t in list(tests) + ["expands", "script"]])
