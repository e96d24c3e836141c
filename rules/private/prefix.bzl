"""The last stage: puts a prefix before the name of every symbol."""

load(":toolchains.bzl", "HYPLINK_TOOLCHAIN_TYPE")

def prefix_symbols(ctx, tools, object, output, symbol_prefix):
    """Registers the action HypPrefix.

    Args:
      ctx: the rule's context.
      tools: HyplinkToolchainInfo.
      object: File, the object whose symbols have their source names.
      output: File, the same with prefixed names.
      symbol_prefix: string, not empty.
    """
    args = ctx.actions.args()
    args.add("prefix")
    args.add(symbol_prefix, format = "--symbol-prefix=%s")
    args.add("-o", output)
    args.add(object)
    ctx.actions.run(
        executable = tools.hyplink,
        arguments = [args],
        inputs = [object],
        outputs = [output],
        mnemonic = "HypPrefix",
        progress_message = "Prefixing the symbols of %{label}",
        toolchain = HYPLINK_TOOLCHAIN_TYPE,
    )
