"""Finds the two toolchains that the rules need, with an error that says what to do if one is missing."""

load("@rules_cc//cc:find_cc_toolchain.bzl", "CC_TOOLCHAIN_TYPE")

HYPLINK_TOOLCHAIN_TYPE = Label("//toolchain/hyplink:toolchain_type")

# For `rule(toolchains = …)`. Both are optional for Bazel, so that this file reports a missing one.
HYPLINK_TOOLCHAIN = config_common.toolchain_type(HYPLINK_TOOLCHAIN_TYPE, mandatory = False)
_CC_TOOLCHAIN = config_common.toolchain_type(CC_TOOLCHAIN_TYPE, mandatory = False)

# The execution group of compile actions, in which one program starts another: Bazel picks one execution platform for both. With automatic
# execution groups it would pick one for each toolchain type.
COMPILE = "compile"
COMPILE_GROUPS = {COMPILE: exec_group(toolchains = [_CC_TOOLCHAIN, HYPLINK_TOOLCHAIN])}

_NO_HYPLINK = ("%s: no hyplink toolchain is registered for %s; in MODULE.bazel write " +
               "register_toolchains(\"@rules_hyp//toolchain/hyplink:all\"), or in WORKSPACE call rules_hyp_register_toolchains()")

def hyplink_tools(ctx):
    """Finds hyplink; fails if no toolchain is registered.

    Args:
      ctx: the rule's context.

    Returns:
      HyplinkToolchainInfo of the resolved toolchain.
    """
    toolchain = ctx.toolchains[HYPLINK_TOOLCHAIN_TYPE]
    if not toolchain:
        fail(_NO_HYPLINK % (ctx.label, "this execution platform"))
    return toolchain.hyplink_info

def compile_tools(ctx):
    """Finds the compiler and hypcc for one execution platform; fails if there is none that has both for the target platform.

    Args:
      ctx: the rule's context; the rule has the execution groups COMPILE_GROUPS.

    Returns:
      (CcToolchainInfo, HyplinkToolchainInfo) of the resolved toolchains.
    """
    toolchains = ctx.exec_groups[COMPILE].toolchains
    cc = toolchains[CC_TOOLCHAIN_TYPE]
    if not cc:
        fail(("%s: no C toolchain is registered for the target platform %s; register one that is compatible with it, " +
              "for example register_toolchains(\"@rules_hyp//toolchain:all\") for @rules_hyp//platforms:arm64, and that runs on an execution " +
              "platform on which hyplink's toolchain runs") % (
            ctx.label,
            ctx.fragments.platform.platform,
        ))
    if not toolchains[HYPLINK_TOOLCHAIN_TYPE]:
        fail(_NO_HYPLINK % (ctx.label, "an execution platform on which the C toolchain runs"))

    # A toolchain may be a CcToolchainInfo itself, or have one.
    cc = cc.cc if hasattr(cc, "cc_provider_in_toolchain") and hasattr(cc, "cc") else cc
    return cc, toolchains[HYPLINK_TOOLCHAIN_TYPE].hyplink_info
