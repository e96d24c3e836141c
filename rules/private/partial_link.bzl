"""Stage 1: links objects into one relocatable object with a linker script."""

load(":toolchains.bzl", "HYPLINK_TOOLCHAIN_TYPE")

# Values of `orphan` and `group`, as for `hyplink link`; the first is the default.
ORPHANS = ["place", "warn", "error"]
GROUPS = ["flatten", "keep", "error"]

def partial_link(ctx, tools, objects, script, output, layout, orphan, group):
    """Registers the action HypPartialLink.

    Args:
      ctx: the rule's context.
      tools: HyplinkToolchainInfo.
      objects: depset of File, in link order.
      script: File, the preprocessed linker script.
      output: File, the partially linked object.
      layout: File, the link map, as JSON.
      orphan: string, one of ORPHANS: what to do with an input section that the script does not name.
      group: string, one of GROUPS: what to do with COMDAT groups.
    """
    args = ctx.actions.args()
    args.add("link")
    args.add(script, format = "--script=%s")
    args.add("-o", output)
    args.add(layout, format = "--map=%s")
    args.add(orphan, format = "--orphan=%s")
    args.add(group, format = "--group=%s")

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
