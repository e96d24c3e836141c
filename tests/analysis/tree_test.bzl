# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of hyp_tree, and of what it adds to compiles."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "hyp_library", "hyp_linker_script", "hyp_missing_source", "hyp_tree")
load("//rules:providers.bzl", "HypTreeInfo")
load(":asserts.bzl", "ON_ARM64", "actions_of", "assert_fails", "assert_has", "assert_has_not", "basenames", "options_of")

def _tree_impl(ctx):
    env = analysistest.begin(ctx)
    info = analysistest.target_under_test(env)[HypTreeInfo]
    asserts.equals(env, ".", info.root)
    checks = actions_of(env, "HypTreeCheck")
    asserts.equals(env, 1, len(checks))
    assert_has(env, checks[0].argv, [
        "check-tree",
        "--root=.",
        "--regenerate=again",
        "--output=" + info.checked.path,
        "tests/analysis/fixtures/policy.txt",
    ])
    assert_has(env, basenames(checks[0].inputs), ["undefined.txt", "policy.txt"])

    # The headers do not matter to the comparison.
    assert_has_not(env, basenames(checks[0].inputs), ["header.h"])
    archives = actions_of(env, "HypHeaderArchive")
    asserts.equals(env, 1 if ctx.attr.archive else 0, len(archives))
    asserts.equals(env, ctx.attr.archive, bool(info.archive))
    if archives:
        asserts.equals(env, [info.archive], archives[0].outputs.to_list())
        assert_has(env, basenames(archives[0].inputs), ["header.h"])
    return analysistest.end(env)

_ATTRS = {"archive": attr.bool(doc = "Whether optional headers are used.")}

_tree_test = analysistest.make(_tree_impl, attrs = _ATTRS, config_settings = ON_ARM64)

_turned_off_test = analysistest.make(
    _tree_impl,
    attrs = _ATTRS,
    config_settings = ON_ARM64 | {str(Label("//rules:optional_headers")): False},
)

def _compile_impl(ctx):
    env = analysistest.begin(ctx)
    actions = actions_of(env, ctx.attr.mnemonic)
    asserts.equals(env, 1, len(actions))
    inputs = basenames(actions[0].inputs)
    assert_has(env, inputs, ["with_headers.checked", "with_headers.headers.zip"])
    assert_has_not(env, inputs, ["header.h", "policy.txt"])
    archives = [a for a in actions[0].argv if a.startswith("--archive=") and a.endswith("/with_headers.headers.zip")]
    asserts.equals(env, 1, len(archives), "hypcc gets the archive")
    assert_has(env, options_of(actions[0]), ["-DROOT=./include"])
    return analysistest.end(env)

def _names_impl(ctx):
    env = analysistest.begin(ctx)
    names = actions_of(env, "HypHeaderNames")
    asserts.equals(env, 1, len(names))
    argv = names[0].argv

    # What does not say where headers are must not make the list again.
    asserts.equals(env, ["-I./include", "-isystem", "./late"], argv[argv.index("--") + 1:][:3])
    assert_has_not(env, argv, ["-DROOT=./include", "-nostdinc"])
    written = [a for a in actions_of(env, "FileWrite") if a.outputs.to_list()[0].basename == "headers.list"]
    asserts.equals(env, 1, len(written))
    asserts.true(env, written[0].content.startswith("# regenerate: again\n"), "the list of headers starts with the command")
    return analysistest.end(env)

_names_test = analysistest.make(_names_impl, config_settings = ON_ARM64)

_compile_test = analysistest.make(
    _compile_impl,
    attrs = {"mnemonic": attr.string()},
    config_settings = ON_ARM64,
)

def _output_tree_impl(ctx):
    config = ctx.actions.declare_file(ctx.label.name + "/.config")
    ctx.actions.write(config, "")
    return [HypTreeInfo(root = config.dirname, checked = config, archive = None)]

# A tree that is an output.
_output_tree = rule(implementation = _output_tree_impl)

def _output_impl(ctx):
    env = analysistest.begin(ctx)
    action = actions_of(env, "HypCompile")[0]
    assert_has(env, basenames(action.inputs), [".config"])

    # The map of the tree is the last: one of all outputs after it would override it.
    maps = [a for a in action.argv if "-prefix-map=" in a]
    asserts.equals(env, 1, len(maps), "%s" % maps)
    asserts.true(env, maps[0].startswith("-fdebug-prefix-map=bazel-out/") and maps[0].endswith("/output_tree/="), maps[0])
    return analysistest.end(env)

_output_test = analysistest.make(_output_impl, config_settings = ON_ARM64)

_missing_source_test = analysistest.make(
    assert_fails("srcs: the kernel tree has no gone/lost.c, which hypgen's files name: it was removed or renamed"),
    config_settings = ON_ARM64,
    expect_failure = True,
)

_missing_script_test = analysistest.make(
    assert_fails("src: the kernel tree has no gone/lost.lds.S, which hypgen's files name"),
    config_settings = ON_ARM64,
    expect_failure = True,
)

_regenerate_test = analysistest.make(
    assert_fails("then hypgen again: again [E9106]"),
    config_settings = ON_ARM64,
    expect_failure = True,
)

def tree_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the start of the tests' names.
    """
    for tree, headers in {"with_headers": ["fixtures/header.h"], "without_headers": []}.items():
        hyp_tree(
            name = tree,
            kbuild_files = ["fixtures/policy.txt"],
            manifest = "fixtures/undefined.txt",
            optional_hdrs = headers,
            regenerate = "again",
            root = "BUILD.bazel",
            tags = ["manual"],
        )
    hyp_library(
        name = "in_tree",
        srcs = ["fixtures/second.S"],
        asmopts = ["-DROOT=$(TREE)/include", "-I$(TREE)/include", "-isystem", "$(TREE)/late"],
        tags = ["manual"],
        tree = ":with_headers",
    )
    hyp_linker_script(
        name = "script_in_tree",
        src = "fixtures/script.lds.S",
        copts = ["-DROOT=$(TREE)/include"],
        tags = ["manual"],
        tree = ":with_headers",
    )
    hyp_missing_source(name = "gone/lost.c", tags = ["manual"])
    hyp_missing_source(name = "gone/lost.lds.S", tags = ["manual"])
    hyp_library(name = "lost_source", srcs = [":gone/lost.c"], tags = ["manual"], tree = ":with_headers")
    hyp_linker_script(name = "lost_script", src = ":gone/lost.lds.S", tags = ["manual"])
    _output_tree(name = "output_tree", tags = ["manual"])
    hyp_library(
        name = "in_output_tree",
        srcs = ["fixtures/second.S"],
        asmopts = ["-fdebug-prefix-map=$(TREE)/="],
        tags = ["manual"],
        toolchain_flags = False,
        tree = ":output_tree",
    )
    tests = {
        "archive": (_tree_test, dict(target_under_test = ":with_headers", archive = True)),
        "library": (_compile_test, dict(target_under_test = ":in_tree", mnemonic = "HypCompile")),
        "names": (_names_test, dict(target_under_test = ":in_tree")),
        "no_archive": (_tree_test, dict(target_under_test = ":without_headers", archive = False)),
        "turned_off": (_turned_off_test, dict(target_under_test = ":with_headers", archive = False)),
        "missing_script": (_missing_script_test, dict(target_under_test = ":lost_script")),
        "missing_source": (_missing_source_test, dict(target_under_test = ":lost_source")),
        "regenerate": (_regenerate_test, dict(target_under_test = ":lost_source")),
        "output": (_output_test, dict(target_under_test = ":in_output_tree")),
        "script": (_compile_test, dict(target_under_test = ":script_in_tree", mnemonic = "HypLinkerScript")),
    }
    for test, (rule, attributes) in tests.items():
        rule(name = "%s_%s_test" % (name, test), **attributes)
    native.test_suite(name = name, tests = [":%s_%s_test" % (name, test) for test in tests])
