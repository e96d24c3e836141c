# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of hyp_linker_script and hyp_object."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:defs.bzl", "hyp_library", "hyp_linker_script", "hyp_object")
load("//rules:providers.bzl", "HypLinkerScriptInfo", "HypObjectInfo")
load(":asserts.bzl", "ON_ARM64", "actions_of", "assert_has", "assert_has_not", "basenames", "options_of")
load(":platforms.bzl", "kept_platform_test", "platform_probe", "platform_test")

_TOOLCHAIN_ONLY = {k: v for k, v in ON_ARM64.items() if not k.endswith(":platforms")}

_FIXTURES = "tests/analysis/fixtures/"

def _after(action, option):
    return action.argv[action.argv.index(option) + 1]

def _script_impl(ctx):
    env = analysistest.begin(ctx)
    actions = actions_of(env, "HypLinkerScript")
    asserts.equals(env, 1, len(actions))
    options = options_of(actions[0])
    asserts.equals(env, ["-D__ASSEMBLY__", "-DLINKER_SCRIPT", "-Uarm64", "-E", "-x", "assembler-with-cpp"], options[-6:])
    assert_has(env, options, ["-DMACRO"])
    assert_has_not(env, options, ["-P", "-g"])
    assert_has(env, basenames(actions[0].inputs), ["script.lds.S", "header.h"])
    info = analysistest.target_under_test(env)[HypLinkerScriptInfo]
    asserts.equals(env, "script.lds", info.script.basename)
    asserts.equals(env, "script.lds.S", info.source.basename)
    return analysistest.end(env)

script_test = analysistest.make(_script_impl, config_settings = ON_ARM64)

def _plain_script_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, [], actions_of(env, "HypLinkerScript"))
    info = analysistest.target_under_test(env)[HypLinkerScriptInfo]
    asserts.true(env, info.script.is_source, "a plain script is used as is")
    return analysistest.end(env)

plain_script_test = analysistest.make(_plain_script_impl, config_settings = ON_ARM64)

def _stages_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    link, relocations, prefix = [
        actions_of(env, m)[0]
        for m in ["HypPartialLink", "HypRelocations", "HypPrefix"]
    ]
    for action, command in [(link, "link"), (relocations, "hyprel"), (prefix, "prefix")]:
        asserts.true(env, action.argv[0].endswith("/hyplink"), action.argv[0])
        asserts.equals(env, command, action.argv[1])

    assert_has(env, link.argv, ["--orphan=error", "--group=keep", "--merge-strings=lld14", "--fatal-warnings"])
    asserts.true(env, [a for a in link.argv if a.startswith("--script=") and a.endswith("/script.lds")] != [])
    asserts.equals(env, ["second.hyp.o", "first-one.hyp.o"], [a.split("/")[-1] for a in link.argv if a.endswith(".hyp.o")])
    asserts.equals(env, ["layout.json", "partial.o"], sorted(basenames(link.outputs)))
    assert_has_not(env, basenames(link.inputs), ["first-one.c", "header.h", "hypcc", "undefined.txt"])

    # Each stage reads the result of the previous one, and nothing else except the tool.
    asserts.equals(env, _after(link, "-o"), relocations.argv[-1])
    asserts.equals(env, _after(relocations, "-o"), prefix.argv[-1])
    asserts.true(env, _after(prefix, "-o").endswith("/all_stages/hyp.o"))
    assert_has(env, prefix.argv, ["--symbol-prefix=__p_", "--symbol-suffix=_s"])
    assert_has(env, actions_of(env, "HypCheck")[0].argv, ["--symbol-prefix=__p_", "--symbol-suffix=_s"])
    assert_has(env, relocations.argv, ["--hyp-section-prefix=.hyp"])

    asserts.equals(env, ["hyp.o"], basenames(target[DefaultInfo].files))
    groups = target[OutputGroupInfo]
    for group, files in {
        "compile_commands": ["compile_commands.json"],
        "html": ["layout.html"],
        "linker_script": ["script.lds"],
        "map": ["layout.json"],
        "objects": ["second.hyp.o", "first-one.hyp.o"],
        "partial": ["partial.o"],
        "relocated": ["relocated.o"],
    }.items():
        asserts.equals(env, files, basenames(getattr(groups, group)), "output group " + group)

    info = target[HypObjectInfo]
    asserts.equals(
        env,
        ["hyp.o", "partial.o", "relocated.o", "layout.json", "script.lds"],
        [f.basename for f in [info.object, info.partial, info.relocated, info.layout, info.linker_script]],
    )
    asserts.equals(env, ("__p_", "_s", True), (info.symbol_prefix, info.symbol_suffix, info.hyp_relocations))
    asserts.equals(env, ["undefined.txt"], basenames(info.allowed_undefined))
    return analysistest.end(env)

stages_test = analysistest.make(_stages_impl, config_settings = _TOOLCHAIN_ONLY)

def _check_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    check = actions_of(env, "HypCheck")[0]
    asserts.equals(env, "check", check.argv[1])
    assert_has(env, check.argv, [
        "--symbol-prefix=__p_",
        "--section-prefix=.hyp",
        "--allowed-undefined=" + _FIXTURES + "undefined.txt",
        "--allowed-section=.init.island",
        "--hyp-relocations=required",
        "--policy=" + _FIXTURES + "policy.txt",
    ])
    asserts.equals(env, [], [a for a in check.argv if a.startswith("--prefix-class=")])
    asserts.equals(env, target[HypObjectInfo].object.path, check.argv[-1])
    assert_has(env, basenames(check.inputs), ["hyp.o", "layout.json", "script.lds", "undefined.txt", "policy.txt", "header.h"])

    # Bazel runs it in every build of the target.
    asserts.equals(env, check.outputs.to_list(), target[OutputGroupInfo]._validation.to_list())
    return analysistest.end(env)

def _island_impl(ctx):
    env = analysistest.begin(ctx)
    for mnemonic, option in [("HypRelocations", "--hyp-section-prefix=.island"), ("HypCheck", "--section-prefix=.island")]:
        assert_has(env, actions_of(env, mnemonic)[0].argv, [option])
    return analysistest.end(env)

island_test = analysistest.make(_island_impl, config_settings = _TOOLCHAIN_ONLY)

check_test = analysistest.make(_check_impl, config_settings = _TOOLCHAIN_ONLY)

def _no_relocations_check_impl(ctx):
    env = analysistest.begin(ctx)
    assert_has(env, actions_of(env, "HypCheck")[0].argv, ["--symbol-prefix=__p_", "--hyp-relocations=absent"])
    return analysistest.end(env)

no_relocations_check_test = analysistest.make(_no_relocations_check_impl, config_settings = _TOOLCHAIN_ONLY)

def _renames_impl(ctx):
    env = analysistest.begin(ctx)
    prefix = actions_of(env, "HypPrefix")[0]
    asserts.equals(env, [
        "--symbol-prefix=__p_",
        "--alloc-section-prefix=.init",
        "--prefix-class=defined,undefined",
        "--redefine-sym=a=z",
        "--redefine-sym=b=y",
        "--rename-section=.comment=.note",
        "--remove-section=.debug*",
        "--keep-global-symbol=__p_entry",
        "--keep-mapping-symbols",
        "--strip-debug",
        "--redefine-syms=" + _FIXTURES + "undefined.txt",
    ], prefix.argv[2:-3])
    assert_has(env, basenames(prefix.inputs), ["undefined.txt"])

    # The check requires the prefix for the symbols that the rename gives it to.
    check = actions_of(env, "HypCheck")[0]
    asserts.equals(
        env,
        ["--symbol-prefix=__p_", "--prefix-class=defined", "--prefix-class=undefined"],
        [a for a in check.argv if a.startswith("--symbol-prefix=") or a.startswith("--prefix-class=")],
    )
    return analysistest.end(env)

renames_test = analysistest.make(_renames_impl, config_settings = _TOOLCHAIN_ONLY)

def _linking_context_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    inputs = target[CcInfo].linking_context.linker_inputs.to_list()
    asserts.equals(env, 1, len(inputs))

    # The object, under a name that Bazel has for libraries that are linked as a whole.
    asserts.equals(env, 1, len(inputs[0].libraries))
    library = inputs[0].libraries[0]
    asserts.equals(env, ["hyp.lo", True], [library.static_library.basename, library.alwayslink])
    links = [a for a in analysistest.target_actions(env) if library.static_library in a.outputs.to_list()]
    asserts.equals(env, [[target[HypObjectInfo].object]], [a.inputs.to_list() for a in links])
    return analysistest.end(env)

linking_context_test = analysistest.make(_linking_context_impl, config_settings = _TOOLCHAIN_ONLY)

def _fewer_stages_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    mnemonics = [m for m in ["HypPartialLink", "HypRelocations", "HypPrefix"] if actions_of(env, m)]
    asserts.equals(env, ctx.attr.mnemonics, mnemonics)
    asserts.equals(env, ["hyp.o"], basenames(target[DefaultInfo].files))
    asserts.equals(env, "HypRelocations" in mnemonics, target[HypObjectInfo].relocated != None)

    # Whatever the last stage is, it is the one that writes hyp.o.
    asserts.true(env, _after(actions_of(env, mnemonics[-1])[0], "-o").endswith("/hyp.o"))
    return analysistest.end(env)

fewer_stages_test = analysistest.make(
    _fewer_stages_impl,
    attrs = {"mnemonics": attr.string_list()},
    config_settings = _TOOLCHAIN_ONLY,
)

def _subjects():
    manual = ["manual"]
    hyp_library(
        name = "object_library",
        srcs = ["fixtures/second.S", "fixtures/first-one.c"],
        hdrs = ["fixtures/header.h"],
        tags = manual,
    )
    hyp_linker_script(
        name = "object_script",
        src = "fixtures/script.lds.S",
        hdrs = ["fixtures/header.h"],
        copts = ["-P", "-g", "-Uarm64"],
        defines = ["MACRO"],
        tags = manual,
    )
    hyp_linker_script(name = "object_plain_script", src = "fixtures/plain.lds", tags = manual)
    hyp_object(
        name = "all_stages",
        allowed_sections = [".init.island"],
        allowed_undefined = ["fixtures/undefined.txt"],
        check_policy = "fixtures/policy.txt",
        check_policy_files = ["fixtures/header.h"],
        fatal_warnings = True,
        group = "keep",
        hyp_relocations = True,
        linker_script = ":object_script",
        merge_strings = "lld14",
        orphan = "error",
        symbol_prefix = "__p_",
        symbol_suffix = "_s",
        tags = manual,
        deps = [":object_library"],
    )
    hyp_object(name = "link_only", linker_script = ":object_script", tags = manual, deps = [":object_library"])
    hyp_object(name = "no_relocations", linker_script = ":object_script", symbol_prefix = "__p_", tags = manual, deps = [":object_library"])
    hyp_object(name = "no_prefix", hyp_relocations = True, linker_script = ":object_script", tags = manual, deps = [":object_library"])
    hyp_object(
        name = "renames",
        alloc_section_prefix = ".init",
        keep_global = ["__p_entry"],
        keep_mapping_symbols = True,
        linker_script = ":object_script",
        prefix_classes = ["defined", "undefined"],
        redefine_syms = {"b": "y", "a": "z"},
        redefine_syms_files = ["fixtures/undefined.txt"],
        remove_sections = [".debug*"],
        rename_sections = {".comment": ".note"},
        strip_debug = True,
        symbol_prefix = "__p_",
        tags = manual,
        deps = [":object_library"],
    )
    hyp_object(
        name = "island",
        hyp_relocations = True,
        hyp_section_prefix = ".island",
        linker_script = ":object_script",
        tags = manual,
        deps = [":object_library"],
    )
    hyp_object(name = "strip_only", linker_script = ":object_script", strip_debug = True, tags = manual, deps = [":object_library"])
    platform_probe(name = "probe", tags = manual)
    hyp_object(name = "moved", linker_script = ":object_plain_script", tags = manual, deps = [":probe"])
    hyp_object(name = "kept", keep_platform = True, linker_script = ":object_plain_script", tags = manual, deps = [":probe"])
    hyp_object(
        name = "elsewhere",
        linker_script = ":object_plain_script",
        platform = "//platforms:linux_arm64",
        tags = manual,
        deps = [":probe"],
    )

def object_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the beginning of the tests' names.
    """
    _subjects()
    tests = [
        ("script", script_test, ":object_script", {}),
        ("plain_script", plain_script_test, ":object_plain_script", {}),
        ("stages", stages_test, ":all_stages", {}),
        ("check", check_test, ":all_stages", {}),
        ("no_relocations_check", no_relocations_check_test, ":no_relocations", {}),
        ("linking_context", linking_context_test, ":all_stages", {}),
        ("link_only", fewer_stages_test, ":link_only", {"mnemonics": ["HypPartialLink"]}),
        ("no_relocations", fewer_stages_test, ":no_relocations", {"mnemonics": ["HypPartialLink", "HypPrefix"]}),
        ("renames", renames_test, ":renames", {}),
        ("island", island_test, ":island", {}),
        ("strip_only", fewer_stages_test, ":strip_only", {"mnemonics": ["HypPartialLink", "HypPrefix"]}),
        ("no_prefix", fewer_stages_test, ":no_prefix", {"mnemonics": ["HypPartialLink", "HypRelocations"]}),
        ("moves_by_itself", platform_test, ":moved", {"object": "bare.hyp.o"}),
        ("moves_from_another_platform", kept_platform_test, ":moved", {"object": "bare.hyp.o"}),
        ("moves_where_told", platform_test, ":elsewhere", {"object": "other.hyp.o"}),
        ("keeps_its_platform", kept_platform_test, ":kept", {"object": "other.hyp.o"}),
    ]
    for test, rule, subject, attributes in tests:
        rule(name = "%s_%s_test" % (name, test), size = "small", target_under_test = subject, **attributes)
    native.test_suite(name = name, tests = ["%s_%s_test" % (name, t[0]) for t in tests])
