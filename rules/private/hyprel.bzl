"""Stage 2: adds `.hyp.reloc`, the list of locations with kernel addresses."""

load(":toolchains.bzl", "HYPLINK_TOOLCHAIN_TYPE")

def hyp_relocations(ctx, tools, object, output):
    """Registers the action HypRelocations.

    Args:
      ctx: the rule's context.
      tools: HyplinkToolchainInfo.
      object: File, the partially linked object.
      output: File, the object with `.hyp.reloc`.
    """
    args = ctx.actions.args()
    args.add("hyprel")
    args.add("-o", output)
    args.add(object)
    ctx.actions.run(
        executable = tools.hyplink,
        arguments = [args],
        inputs = [object],
        outputs = [output],
        mnemonic = "HypRelocations",
        progress_message = "Listing hypervisor relocations of %{label}",
        toolchain = HYPLINK_TOOLCHAIN_TYPE,
    )
