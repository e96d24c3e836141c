"""The first stage: links objects into one, still relocatable, by a linker script."""

load(":toolchains.bzl", "HYPLINK_TOOLCHAIN_TYPE")

# What `orphan` and `group` may be, as `hyplink link` names them; the first is the default.
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
      layout: File, the map, as JSON.
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

    # Objects stand in a file of their own where there are many; that the order in it is kept is what the link order rests on.
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
