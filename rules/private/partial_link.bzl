"""Stage 1: links objects into one relocatable object with a linker script."""

load(":toolchains.bzl", "HYPLINK_TOOLCHAIN_TYPE")

# Values of `orphan` and `group`, as for `hyplink link`; the first is the default.
_ORPHANS = ["place", "warn", "error"]
_GROUPS = ["flatten", "keep", "error"]

PARTIAL_LINK_ATTRS = {
    "orphan": attr.string(
        doc = """What to do with an input section that the script does not name: `place` it after the output sections of its kind, as GNU ld does;
the same, but `warn`; or fail with an `error`.""",
        values = _ORPHANS,
        default = _ORPHANS[0],
    ),
    "group": attr.string(
        doc = "What to do with COMDAT groups: link each once and `flatten` them, `keep` them as groups, or fail with an `error`.",
        values = _GROUPS,
        default = _GROUPS[0],
    ),
    "fatal_warnings": attr.bool(doc = "Whether a warning of the partial link fails it, as with `--fatal-warnings` of GNU ld."),
}

def partial_link(ctx, tools, objects, script, output, layout):
    """Registers the action HypPartialLink.

    Args:
      ctx: the rule's context, with the attributes PARTIAL_LINK_ATTRS.
      tools: HyplinkToolchainInfo.
      objects: depset of File, in link order.
      script: File, the preprocessed linker script.
      output: File, the partially linked object.
      layout: File, the link map, as JSON.
    """
    args = ctx.actions.args()
    args.add("link")
    args.add(script, format = "--script=%s")
    args.add("-o", output)
    args.add(layout, format = "--map=%s")
    args.add(ctx.attr.orphan, format = "--orphan=%s")
    args.add(ctx.attr.group, format = "--group=%s")
    if ctx.attr.fatal_warnings:
        args.add("--fatal-warnings")

    # Objects go to a parameter file if there are many. It keeps their order, which is the link order.
    inputs = ctx.actions.args()
    inputs.use_param_file("@%s")
    inputs.set_param_file_format("multiline")
    inputs.add_all(objects)
    ctx.actions.run(
        executable = tools.hyplink,
        arguments = [args, inputs],
        inputs = depset([script], transitive = [objects]),
        outputs = [output, layout],
        mnemonic = "HypPartialLink",
        progress_message = "Partially linking %{label}",
        toolchain = HYPLINK_TOOLCHAIN_TYPE,
    )
