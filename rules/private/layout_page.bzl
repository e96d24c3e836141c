# SPDX-License-Identifier: Apache-2.0

"""hyp_layout_page: opens in a browser what is where in an object."""

load("//rules:providers.bzl", "HypObjectInfo")
load(":open_page.bzl", "OPEN_ATTRS", "opened_page")
load(":paths.bzl", "PATH_MAPPING")
load(":toolchains.bzl", "ONE_PROCESSOR", "PAGE", "hyplink_tools")

def layout_page(ctx, object, layout, output):
    """Registers the action HypLayoutPage. Bazel runs it only if the page is asked for.

    Args:
      ctx: the rule's context; the rule has the execution groups OBJECT_GROUPS.
      object: File, the object.
      layout: File, the map of its link.
      output: File, the page.
    """
    args = ctx.actions.args()
    args.add("layout")
    args.add(output, format = "--html=%s")
    args.add(layout, format = "--map=%s")
    args.add(object)
    ctx.actions.run(
        executable = hyplink_tools(ctx, PAGE).hyplink,
        arguments = [args],
        inputs = [object, layout],
        outputs = [output],
        mnemonic = "HypLayoutPage",
        progress_message = "Drawing the layout of %{label}",
        env = ONE_PROCESSOR,
        exec_group = PAGE,
        execution_requirements = PATH_MAPPING,
    )

def _impl(ctx):
    page = ctx.actions.declare_file(ctx.label.name + ".html")
    ctx.actions.symlink(output = page, target_file = ctx.attr.object[OutputGroupInfo].html.to_list()[0])
    return [opened_page(ctx, page)]

hyp_layout_page = rule(
    implementation = _impl,
    doc = """A page with the layout of a hyp_object: its sections, input objects and symbols by size, and what refers to what (docs/layout.md).

`bazel build` writes `NAME.html`, one file that needs no network. `bazel run` opens it as well, with `$BROWSER` if that is set, and otherwise with `xdg-open` or macOS's
`open`, and prints its path; without a display, or with `-- --print`, it only prints the path.""",
    attrs = {
        "object": attr.label(
            doc = "The hyp_object.",
            providers = [HypObjectInfo, OutputGroupInfo],
            mandatory = True,
        ),
    } | OPEN_ATTRS,
    executable = True,
)
