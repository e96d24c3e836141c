# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of hyp_provenance, its aspect and hyp_reproducibility_test."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:defs.bzl", "hyp_library", "hyp_linker_script", "hyp_object", "hyp_provenance", "hyp_provenance_aspect", "hyp_reproducibility_test")
load("//rules:providers.bzl", "HypProvenanceInfo")
load(":asserts.bzl", "ON_ARM64", "assert_fails", "assert_has", "basenames")

_TOOLCHAIN_ONLY = {k: v for k, v in ON_ARM64.items() if not k.endswith(":platforms")}

def _probe_impl(ctx):
    info = ctx.attr.target[HypProvenanceInfo]
    return [info, DefaultInfo(files = depset([info.statement, info.sbom], transitive = [info.unused]))]

_probe = rule(
    implementation = _probe_impl,
    attrs = {"target": attr.label(aspects = [hyp_provenance_aspect])},
)

def _statement_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    asserts.equals(env, ["statement.intoto.json"], basenames(target[DefaultInfo].files))
    asserts.equals(env, ["statement.cdx.json"], basenames(target[OutputGroupInfo].sbom))
    asserts.equals(env, ["statement.intoto.json", "statement.cdx.json"], [target[HypProvenanceInfo].statement.basename, target[HypProvenanceInfo].sbom.basename])

    # One list for each compile, those of the dependencies included.
    asserts.equals(
        env,
        ["first-one.hyp.o.unused", "script.lds.unused", "second.hyp.o.unused"],
        sorted(basenames(target[HypProvenanceInfo].unused)),
    )
    return analysistest.end(env)

statement_test = analysistest.make(_statement_impl, config_settings = _TOOLCHAIN_ONLY)

def _any_rule_impl(ctx):
    env = analysistest.begin(ctx)
    names = basenames(analysistest.target_under_test(env)[DefaultInfo].files)

    # No action of a hyp_object is needed for a file of a genrule.
    asserts.equals(env, ["sbom.cdx.json", "statement.json"], sorted(names))
    return analysistest.end(env)

any_rule_test = analysistest.make(_any_rule_impl)

def _twice_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    runfiles = target[DefaultInfo].default_runfiles.files.to_list()
    objects = [f.path for f in runfiles if f.basename == "hyp.o"]
    asserts.equals(env, 2, len(objects))
    assert_has(env, [f.basename for f in runfiles], ["hyplink", "layout.json"])
    links = [a for a in analysistest.target_actions(env) if a.mnemonic == "Symlink"]
    sources = {
        i.root.path: True
        for a in links
        for i in a.inputs.to_list()
        if i.basename == "hyp.o"
    }
    asserts.equals(env, 2, len(sources), "both objects are of one configuration: %s" % sources.keys())
    modes = ["opt" in root.split("/")[1].split("-") for root in sources]
    asserts.equals(env, ctx.attr.modes, len({mode: True for mode in modes}))
    asserts.equals(env, 1, len([root for root in sources if "again" in root]))
    script = [a for a in analysistest.target_actions(env) if a.mnemonic == "FileWrite" and a.outputs.to_list()[0].basename == "compare.sh"][0]
    asserts.true(env, "'compare' '--map-a=" in script.content and "|| status=1" in script.content, script.content)
    return analysistest.end(env)

twice_test = analysistest.make(
    _twice_impl,
    attrs = {"modes": attr.int(doc = "How many compilation modes there are.")},
    config_settings = _TOOLCHAIN_ONLY,
)

no_actions_test = analysistest.make(assert_fails("no action with a command makes its files"), expect_failure = True)
no_object_test = analysistest.make(assert_fails("want objects (*.o) only"), expect_failure = True)
no_variation_test = analysistest.make(assert_fails("vary: got nothing"), expect_failure = True)
unknown_variation_test = analysistest.make(assert_fails("vary: got \"time\", want some of compilation_mode, output_directory"), expect_failure = True)

def _subjects():
    manual = ["manual"]
    hyp_library(
        name = "proven_library",
        srcs = ["fixtures/second.S", "fixtures/first-one.c"],
        hdrs = ["fixtures/header.h"],
        tags = manual,
    )
    hyp_linker_script(name = "proven_script", src = "fixtures/script.lds.S", hdrs = ["fixtures/header.h"], tags = manual)
    hyp_object(name = "proven_object", linker_script = ":proven_script", symbol_prefix = "__p_", tags = manual, deps = [":proven_library"])
    hyp_provenance(name = "statement", tags = manual, target = ":proven_object")
    native.genrule(name = "made_text", srcs = ["fixtures/undefined.txt"], outs = ["made_text.txt"], cmd = "cp $< $@", tags = manual)
    _probe(name = "made_text_probe", tags = manual, target = ":made_text")
    native.filegroup(name = "only_sources", srcs = ["fixtures/header.h"], tags = manual)
    hyp_provenance(name = "of_sources", tags = manual, target = ":only_sources")
    hyp_reproducibility_test(name = "twice", size = "small", tags = manual, target = ":proven_object")
    hyp_reproducibility_test(name = "twice_one_mode", size = "small", tags = manual, target = ":proven_object", vary = ["output_directory"])
    hyp_reproducibility_test(name = "twice_text", size = "small", tags = manual, target = ":made_text")
    hyp_reproducibility_test(name = "twice_nothing", size = "small", tags = manual, target = ":proven_object", vary = [])
    hyp_reproducibility_test(name = "twice_time", size = "small", tags = manual, target = ":proven_object", vary = ["time"])

def provenance_test_suite(name):
    """Declares the tests of this file and the targets under test.

    Args:
      name: string, the name of the suite and the beginning of the tests' names.
    """
    _subjects()
    tests = [
        ("statement", statement_test, ":statement", {}),
        ("any_rule", any_rule_test, ":made_text_probe", {}),
        ("no_actions", no_actions_test, ":of_sources", {}),
        ("twice", twice_test, ":twice", {"modes": 2}),
        ("twice_one_mode", twice_test, ":twice_one_mode", {"modes": 1}),
        ("no_object", no_object_test, ":twice_text", {}),
        ("no_variation", no_variation_test, ":twice_nothing", {}),
        ("unknown_variation", unknown_variation_test, ":twice_time", {}),
    ]
    for test, rule, subject, attrs in tests:
        rule(name = "%s_%s_test" % (name, test), size = "small", target_under_test = subject, **attrs)
    native.test_suite(name = name, tests = ["%s_%s_test" % (name, t[0]) for t in tests])
