# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of `--//kernels:version`, which chooses the kernel of //arch/arm64/kvm/hyp:hyp_o."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:providers.bzl", "HypObjectInfo", "HypObjectsInfo")
load(":asserts.bzl", "assert_has", "basenames")

_CompilerInfo = provider(
    doc = "The compiler of a hyp_object's libraries.",
    fields = {"path": "string: the driver's path."},
)

def _compiler_impl(target, ctx):
    if HypObjectsInfo in target:
        return [_CompilerInfo(path = target[HypObjectsInfo].commands.to_list()[0].compiler)]
    return [ctx.rule.attr.deps[0][_CompilerInfo]]

_compiler = aspect(
    implementation = _compiler_impl,
    attr_aspects = ["deps"],
)

def _version_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    info = target[HypObjectInfo]
    package = "/kernels/%s/" % ctx.attr.version
    objects = info.objects.to_list()
    assert_has(env, basenames(info.objects), ["host.nvhe.o", "hyp-main.nvhe.o"])
    asserts.equals(env, [], [f.path for f in objects if package + "nvhe/" not in f.path])
    asserts.true(env, package + "hyp_lds/" in info.linker_script.path, info.linker_script.path)
    asserts.equals(env, ["kernels/%s/undefined.txt" % ctx.attr.version], [f.short_path for f in info.allowed_undefined.to_list()])
    asserts.true(env, info.object.path.endswith("/arch/arm64/kvm/hyp/hyp_o/hyp.o"), info.object.path)
    compiler = target[_CompilerInfo].path
    asserts.true(env, ctx.attr.compiler in compiler, "got the compiler %s, want %s" % (compiler, ctx.attr.compiler))
    return analysistest.end(env)

_ATTRS = {
    "compiler": attr.string(doc = "A part of the compiler's path."),
    "version": attr.string(),
}

_default_version_test = analysistest.make(_version_impl, attrs = _ATTRS, extra_target_under_test_aspects = [_compiler])

_other_version_test = analysistest.make(
    _version_impl,
    attrs = _ATTRS,
    extra_target_under_test_aspects = [_compiler],
    config_settings = {str(Label("//kernels:version")): "6.12"},
)

def version_test_suite(name):
    """Declares the tests.

    Args:
      name: string, the test suite's name.
    """
    _default_version_test(
        name = name + "_default_test",
        compiler = "gcc_arm64",
        target_under_test = "//arch/arm64/kvm/hyp:hyp_o",
        version = "6.1",
    )
    _other_version_test(
        name = name + "_6.12_test",
        compiler = "gcc14_arm64",
        target_under_test = "//arch/arm64/kvm/hyp:hyp_o",
        version = "6.12",
    )
    native.test_suite(
        name = name,
        tests = [
            ":%s_default_test" % name,
            ":%s_6.12_test" % name,
        ],
    )
