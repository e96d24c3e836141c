# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of what Bazel may do with actions: map their paths, give them platform properties and processors."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("@rules_cc//cc:cc_library.bzl", "cc_library")
load("//rules:defs.bzl", "hyp_library", "hyp_linker_script", "hyp_object")
load("//rules:providers.bzl", "HypObjectsInfo")
load(":asserts.bzl", "ON_ARM64", "actions_of", "assert_has")

# With the real toolchain, whose compiler is an output.
_PLATFORM = {"//command_line_option:platforms": [str(Label("//platforms:arm64"))]}

def _configurations(argument):
    """Returns the directories of configurations that an argument names."""
    return [after.partition("/")[0] for after in argument.split("bazel-out/")[1:]]

def _own_actions(env):
    return [a for a in analysistest.target_actions(env) if a.mnemonic.startswith("Hyp")]

def _check_arguments(env, action, configurations, arguments):
    """Asserts which configurations an action's command line and environment name, and that it has some arguments."""
    found = {c: argument for argument in action.argv for c in _configurations(argument)}
    asserts.equals(env, configurations, sorted(found.keys()), "%s: the command line has %s" % (action.mnemonic, found))
    for value in action.env.values():
        asserts.equals(env, [], _configurations(value), "%s: nothing maps the paths of the environment" % action.mnemonic)
    assert_has(env, action.argv, arguments)

def _paths_impl(ctx):
    env = analysistest.begin(ctx)
    actions = _own_actions(env)
    asserts.equals(env, ctx.attr.mnemonics, sorted({a.mnemonic: True for a in actions}.keys()))
    for action in actions:
        arguments = ctx.attr.arguments.get(action.mnemonic, [])
        if ctx.attr.mapped:
            _check_arguments(env, action, ["cfg"], [a.replace("CFG", "cfg") for a in arguments])
            continue

        # That of the target, that of the tools, and in compiles the name that debug information gets.
        output = action.outputs.to_list()[0]
        own = _configurations(output.path)[0]
        compiles = action.mnemonic in ["HypCompile", "HypLinkerScript"]
        tools = _configurations(action.argv[0])[0]
        _check_arguments(env, action, sorted([own, tools] + (["cfg"] if compiles else [])), [a.replace("CFG", own) for a in arguments])
        if compiles:
            assert_has(env, action.argv, ["-ffile-prefix-map=%s%s/=%scfg/" % (p, own, p) for p in ["bazel-out/", "./bazel-out/"]])
    return analysistest.end(env)

_paths_test = analysistest.make(
    _paths_impl,
    attrs = {
        "arguments": attr.string_list_dict(doc = "For a mnemonic, arguments that its actions have. CFG is the configuration."),
        # An analysis test cannot switch it on: .ci/run runs these tests again with --config=mapped-paths.
        "mapped": attr.bool(doc = "Whether Bazel maps paths."),
        "mnemonics": attr.string_list(doc = "The mnemonics of the rules' actions of the target."),
    },
    config_settings = _PLATFORM,
)

def _groups_impl(ctx):
    # Bazel does not let a target name an execution group that its rule does not have.
    env = analysistest.begin(ctx)
    asserts.equals(env, ctx.attr.mnemonics, [a.mnemonic for a in _own_actions(env)])
    return analysistest.end(env)

_groups_test = analysistest.make(
    _groups_impl,
    attrs = {"mnemonics": attr.string_list()},
    config_settings = ON_ARM64,
)

def _threads_impl(ctx):
    env = analysistest.begin(ctx)
    assert_has(env, actions_of(env, "HypPartialLink")[0].argv, ["--threads=" + ctx.attr.threads])
    return analysistest.end(env)

_threads_test = analysistest.make(
    _threads_impl,
    attrs = {"threads": attr.string()},
    config_settings = ON_ARM64,
)

def _generated_impl(ctx):
    header = ctx.actions.declare_file(ctx.attr.path)
    ctx.actions.write(header, "")
    return [DefaultInfo(files = depset([header]))]

_generated = rule(
    implementation = _generated_impl,
    attrs = {"path": attr.string()},
)

def _objects_impl(ctx):
    objects = [ctx.actions.declare_file("%s/%d.hyp.o" % (ctx.label.name, i)) for i in range(ctx.attr.count)]
    for object in objects:
        ctx.actions.write(object, "")
    return [HypObjectsInfo(objects = depset(objects), commands = depset())]

_objects = rule(
    implementation = _objects_impl,
    attrs = {"count": attr.int()},
)

def _subjects():
    manual = ["manual"]
    _generated(name = "generated", path = "fixtures/one/generated.h", tags = manual)
    cc_library(name = "generated_header", hdrs = [":generated"], includes = ["fixtures/one"], tags = manual)
    properties = ["link", "relocations", "prefix", "check", "page"]
    hyp_library(
        name = "with_generated",
        srcs = ["fixtures/first-one.c", "fixtures/second.S"],
        hdrs = [":generated"],
        asmopts = ["-Wa,-I,$(execpath :generated)"],
        copts = ["-include", "$(execpath :generated)", "-DBOTH=$(execpath :generated):$(execpath :generated)"],
        exec_properties = {"compile.memory": "1"},
        includes = ["fixtures/one"],
        tags = manual,
        deps = [":generated_header"],
    )
    hyp_linker_script(
        name = "script_with_generated",
        src = "fixtures/script.lds.S",
        hdrs = [":generated"],
        copts = ["-include", "$(execpath :generated)"],
        exec_properties = {"compile.memory": "1"},
        includes = ["fixtures/one"],
        tags = manual,
    )
    hyp_object(
        name = "object_with_generated",
        additional_inputs = [":generated"],
        allowed_undefined = [":generated"],
        exec_properties = {group + ".memory": "1" for group in properties},
        hyp_relocations = True,
        linker_script = ":script_with_generated",
        more_linker_scripts = [":script_with_generated"],
        redefine_syms_files = [":generated"],
        symbol_prefix = "__p_",
        tags = manual,
        deps = [":with_generated"],
    )
    for count in [3, 64, 512]:
        _objects(name = "%d_objects" % count, count = count, tags = manual)
        hyp_object(name = "of_%d" % count, linker_script = ":object_plain_script", tags = manual, deps = [":%d_objects" % count])

def paths_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the start of the tests' names.
    """
    _subjects()
    native.config_setting(name = "paths_are_mapped", values = {"experimental_output_paths": "strip"})
    mapped = select({":paths_are_mapped": True, "//conditions:default": False})
    include = "bazel-out/CFG/bin/tests/analysis/fixtures/one"
    stages = ["HypPartialLink", "HypRelocations", "HypPrefix", "HypCheck", "HypLayoutPage"]
    tests = [
        ("library", _paths_test, ":with_generated", {
            "arguments": {"HypCompile": ["-I" + include, "-isystem" + include]},
            "mapped": mapped,
            "mnemonics": ["HypCompile"],
        }),
        ("script", _paths_test, ":script_with_generated", {
            "arguments": {"HypLinkerScript": ["-I" + include, include + "/generated.h"]},
            "mapped": mapped,
            "mnemonics": ["HypLinkerScript"],
        }),
        ("object", _paths_test, ":object_with_generated", {
            "arguments": {m: ["--script-input=%s/generated.h" % include] for m in ["HypPartialLink", "HypCheck"]},
            "mapped": mapped,
            "mnemonics": sorted(stages),
        }),
        ("groups_of_library", _groups_test, ":with_generated", {"mnemonics": ["HypCompile", "HypCompile"]}),
        ("groups_of_object", _groups_test, ":object_with_generated", {"mnemonics": stages}),
        ("threads_of_few", _threads_test, ":of_3", {"threads": "1"}),
        ("threads_of_some", _threads_test, ":of_64", {"threads": "2"}),
        ("threads_of_many", _threads_test, ":of_512", {"threads": "4"}),
    ]
    for test, rule, subject, attributes in tests:
        rule(name = "%s_%s_test" % (name, test), size = "small", target_under_test = subject, **attributes)
    native.test_suite(name = name, tests = ["%s_%s_test" % (name, t[0]) for t in tests])
