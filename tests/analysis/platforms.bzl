# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of the platform that a hyp_object is built for."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest", "asserts")
load("//rules:providers.bzl", "HypObjectInfo", "HypObjectsInfo")
load(":asserts.bzl", "basenames")

def _probe_impl(ctx):
    constraint = ctx.attr._none[platform_common.ConstraintValueInfo]
    name = "bare" if ctx.target_platform_has_constraint(constraint) else "other"
    object = ctx.actions.declare_file("%s/%s.hyp.o" % (ctx.label.name, name))
    ctx.actions.write(object, "")
    return [HypObjectsInfo(objects = depset([object]), commands = depset())]

# A dependency whose object is named after the platform that it is built for.
platform_probe = rule(
    implementation = _probe_impl,
    attrs = {"_none": attr.label(default = "@platforms//os:none")},
)

def _platform_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, [ctx.attr.object], basenames(analysistest.target_under_test(env)[HypObjectInfo].objects))
    return analysistest.end(env)

_PLATFORM_ATTRS = {"object": attr.string()}

platform_test = analysistest.make(_platform_impl, attrs = _PLATFORM_ATTRS)
kept_platform_test = analysistest.make(
    _platform_impl,
    attrs = _PLATFORM_ATTRS,
    config_settings = {"//command_line_option:platforms": [str(Label("//platforms:linux_arm64"))]},
)
