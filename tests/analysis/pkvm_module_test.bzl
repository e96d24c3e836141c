# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of pkvm_el2_module."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "hyp_library", "pkvm_el2_module")
load("//rules:providers.bzl", "HypObjectInfo", "HypObjectsInfo")
load(":asserts.bzl", "ON_ARM64", "actions_of", "assert_has", "assert_has_not", "basenames", "options_of")

_TOOLCHAIN_ONLY = {k: v for k, v in ON_ARM64.items() if not k.endswith(":platforms")}

_MACROS = ["-D__KVM_NVHE_HYPERVISOR__", "-D__DISABLE_EXPORTS"]
_C_MACROS = ["-D__DISABLE_TRACE_MMIO__", "-DDISABLE_BRANCH_PROFILING", "-DMODULE"]

def _module_impl(ctx):
    env = analysistest.begin(ctx)
    link = actions_of(env, "HypPartialLink")[0]

    # The module's own objects, then those of its deps, under kbuild's names.
    asserts.equals(env, ["second.nvhe.o", "first-one.nvhe.o", "first-one.hyp.o"], [a.split("/")[-1] for a in link.argv if a.endswith(".o") and "/partial.o" not in a])
    asserts.true(env, [a for a in link.argv if a.startswith("--script=") and a.endswith("/pkvm_module.lds")] != [])
    assert_has(env, actions_of(env, "HypPrefix")[0].argv, ["--symbol-prefix=__kvm_nvhe_"])
    assert_has(env, actions_of(env, "HypCheck")[0].argv, [
        "--hyp-relocations=required",
        "--allowed-undefined=tests/analysis/fixtures/undefined.txt",
    ])
    target = analysistest.target_under_test(env)
    asserts.equals(env, ("__kvm_nvhe_", True), (target[HypObjectInfo].symbol_prefix, target[HypObjectInfo].hyp_relocations))
    asserts.equals(env, ["compile_commands.json"], basenames(target[OutputGroupInfo].compile_commands))
    return analysistest.end(env)

module_test = analysistest.make(_module_impl, config_settings = _TOOLCHAIN_ONLY)

def _sources_impl(ctx):
    env = analysistest.begin(ctx)
    assembly, c = actions_of(env, "HypCompile")
    assert_has(env, options_of(assembly), _MACROS + ["-DASM"])
    assert_has_not(env, options_of(assembly), _C_MACROS + ["-DOWN"])
    assert_has(env, options_of(c), _MACROS + _C_MACROS + ["-DOWN"])
    assert_has(env, basenames(c.inputs), ["header.h"])
    return analysistest.end(env)

sources_test = analysistest.make(_sources_impl, config_settings = ON_ARM64)

def _complete_impl(ctx):
    env = analysistest.begin(ctx)
    options = options_of(actions_of(env, "HypCompile")[0])
    assert_has(env, options, ["-DOWN", "-DLOCAL"])
    assert_has_not(env, options, _MACROS + _C_MACROS)
    assert_has(env, basenames(analysistest.target_under_test(env)[HypObjectsInfo].objects), ["first-one.nvhe.o", "first-one.hyp.o"])
    return analysistest.end(env)

complete_test = analysistest.make(_complete_impl, config_settings = ON_ARM64)

def _own_script_impl(ctx):
    env = analysistest.begin(ctx)
    link = actions_of(env, "HypPartialLink")[0]
    asserts.true(env, [a for a in link.argv if a.startswith("--script=") and a.endswith("/plain.lds")] != [])
    assert_has(env, actions_of(env, "HypPrefix")[0].argv, ["--symbol-prefix=__other_"])
    return analysistest.end(env)

own_script_test = analysistest.make(_own_script_impl, config_settings = _TOOLCHAIN_ONLY)

def _subjects():
    manual = ["manual"]
    hyp_library(name = "pkvm_dep", srcs = ["fixtures/first-one.c"], hdrs = ["fixtures/header.h"], tags = manual)
    pkvm_el2_module(
        name = "pkvm",
        srcs = ["fixtures/second.S", "fixtures/first-one.c"],
        hdrs = ["fixtures/header.h"],
        allowed_undefined = ["fixtures/undefined.txt"],
        asmopts = ["-DASM"],
        copts = ["-DOWN"],
        exec_properties = {"compile.memory": "1", "link.memory": "1", "memory": "2"},
        tags = manual,
        deps = [":pkvm_dep"],
    )
    pkvm_el2_module(
        name = "pkvm_own",
        srcs = ["fixtures/first-one.c"],
        hdrs = ["fixtures/header.h"],
        copts = ["-DOWN"],
        implementation_deps = [":pkvm_dep"],
        linker_script = ":object_plain_script",
        local_defines = ["LOCAL"],
        symbol_prefix = "__other_",
        tags = manual,
        toolchain_flags = False,
    )

def pkvm_module_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the beginning of the tests' names.
    """
    _subjects()
    tests = [
        ("object", module_test, ":pkvm"),
        ("sources", sources_test, ":pkvm_objects"),
        ("complete_options", complete_test, ":pkvm_own_objects"),
        ("own_script", own_script_test, ":pkvm_own"),
    ]
    for test, rule, subject in tests:
        rule(name = "%s_%s_test" % (name, test), size = "small", target_under_test = subject)
    native.test_suite(name = name, tests = ["%s_%s_test" % (name, t[0]) for t in tests])
