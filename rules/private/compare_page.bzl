# SPDX-License-Identifier: Apache-2.0

"""hyp_compare_page: opens in a browser how an object differs from another one."""

load("//rules:providers.bzl", "HypObjectInfo")
load(":open_page.bzl", "OPEN_ATTRS", "opened_page")
load(":paths.bzl", "PATH_MAPPING")
load(":toolchains.bzl", "COMPARE", "COMPARE_GROUPS", "ONE_PROCESSOR", "hyplink_tools")

def _object_and_map(ctx, name):
    """Returns the object of the attribute of a name, a File, and the map of its link, or None for an object that no hyp_object made."""
    target = getattr(ctx.attr, name)
    if HypObjectInfo in target:
        return target[HypObjectInfo].object, target[HypObjectInfo].layout
    files = target[DefaultInfo].files.to_list()
    if len(files) != 1:
        fail("%s: %s: got %s, which has %d files, want a hyp_object or one object file [E9214]" % (ctx.label, name, target.label, len(files)))
    return files[0], None

def _impl(ctx):
    page = ctx.actions.declare_file(ctx.label.name + ".html")
    base, base_map = _object_and_map(ctx, "base")
    object, object_map = _object_and_map(ctx, "object")
    args = ctx.actions.args()
    args.add_all(["compare", "--allow-differences", "--lines=0"])
    args.add(page, format = "--html=%s")
    if base_map:
        args.add(base_map, format = "--map-a=%s")
    if object_map:
        args.add(object_map, format = "--map-b=%s")
    args.add_all([base, object])
    ctx.actions.run(
        executable = hyplink_tools(ctx, COMPARE).hyplink,
        arguments = [args],
        inputs = [file for file in [base, base_map, object, object_map] if file],
        outputs = [page],
        mnemonic = "HypComparePage",
        progress_message = "Comparing for %{label}",
        env = ONE_PROCESSOR,
        exec_group = COMPARE,
        execution_requirements = PATH_MAPPING,
    )
    return [opened_page(ctx, page)]

hyp_compare_page = rule(
    implementation = _impl,
    doc = """A page that shows how an object differs from another one: what grew, moved and changed, with instructions side by side (docs/compare.md).

`bazel build` writes `NAME.html`, one file that needs no network; objects that differ are no error. `bazel run` opens it as hyp_layout_page does.""",
    attrs = {
        "base": attr.label(
            doc = "The object to compare with, the left side: a hyp_object, or an object file such as one of a release.",
            allow_files = True,
            mandatory = True,
        ),
        "object": attr.label(
            doc = "The object on the right side: a hyp_object or an object file.",
            allow_files = True,
            mandatory = True,
        ),
    } | OPEN_ATTRS,
    exec_groups = COMPARE_GROUPS,
    executable = True,
)
