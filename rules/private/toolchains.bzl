"""Finds the two toolchains that the rules need, with an error that says what to do if one is missing."""

load("@rules_cc//cc:find_cc_toolchain.bzl", "CC_TOOLCHAIN_TYPE", "find_cc_toolchain")

HYPLINK_TOOLCHAIN_TYPE = Label("//toolchain/hyplink:toolchain_type")

# For `rule(toolchains = …)`. Both are optional for Bazel, so that this file reports a missing one.
HYPLINK_TOOLCHAIN = config_common.toolchain_type(HYPLINK_TOOLCHAIN_TYPE, mandatory = False)
CC_TOOLCHAIN = config_common.toolchain_type(CC_TOOLCHAIN_TYPE, mandatory = False)

def hyplink_tools(ctx):
    """Finds hyplink; fails if no toolchain is registered.

    Args:
      ctx: the rule's context.

    Returns:
      HyplinkToolchainInfo of the resolved toolchain.
    """
    toolchain = ctx.toolchains[HYPLINK_TOOLCHAIN_TYPE]
    if not toolchain:
        fail(("%s: no hyplink toolchain is registered for this execution platform; in MODULE.bazel write " +
              "register_toolchains(\"@rules_hyp//toolchain/hyplink:all\"), or in WORKSPACE call rules_hyp_register_toolchains()") % ctx.label)
    return toolchain.hyplink_info

def cc_toolchain(ctx):
    """Finds the compiler; fails if no toolchain is registered for the target platform.

    Args:
      ctx: the rule's context.

    Returns:
      CcToolchainInfo of the resolved toolchain.
    """
    toolchain = find_cc_toolchain(ctx, mandatory = False)
    if not toolchain:
        fail(("%s: no C toolchain is registered for the target platform %s; register one that is compatible with it, " +
              "for example register_toolchains(\"@rules_hyp//toolchain:all\") for @rules_hyp//platforms:arm64") % (
            ctx.label,
            ctx.fragments.platform.platform,
        ))
    return toolchain
