# SPDX-License-Identifier: Apache-2.0

"""Finds the toolchains that the rules need, with an error that says what to do if one is missing."""

load("@rules_cc//cc:find_cc_toolchain.bzl", "CC_TOOLCHAIN_TYPE")

_HYPLINK_TOOLCHAIN_TYPE = Label("//toolchain/hyplink:toolchain_type")

_AUDIT_TOOLCHAIN_TYPE = Label("//toolchain/hyplink:audit_toolchain_type")

# They are optional for Bazel, so that this file reports a missing one.
_HYPLINK_TOOLCHAIN = config_common.toolchain_type(_HYPLINK_TOOLCHAIN_TYPE, mandatory = False)
_CC_TOOLCHAIN = config_common.toolchain_type(CC_TOOLCHAIN_TYPE, mandatory = False)

# The toolchains of an aspect or a rule that calls audit_tool.
AUDIT_TOOLCHAINS = [config_common.toolchain_type(_AUDIT_TOOLCHAIN_TYPE, mandatory = False)]

# The execution group of compile actions, in which one program starts another: Bazel picks one execution platform for both. With automatic
# execution groups it would pick one for each toolchain type.
COMPILE = "compile"
COMPILE_GROUPS = {COMPILE: exec_group(toolchains = [_CC_TOOLCHAIN, _HYPLINK_TOOLCHAIN])}

# The execution groups of hyplink's actions, one for each stage: a target's `exec_properties` may name them.
LINK = "link"
RELOCATIONS = "relocations"
PREFIX = "prefix"
CHECK = "check"
PAGE = "page"
OBJECT_GROUPS = {name: exec_group(toolchains = [_HYPLINK_TOOLCHAIN]) for name in [LINK, RELOCATIONS, PREFIX, CHECK, PAGE]}

def exec_properties_of(properties):
    """Divides the exec_properties of a macro among its rules: Bazel rejects those of an execution group that a rule does not have.

    Args:
      properties: dict, exec_properties of the macro.

    Returns:
      A struct of dicts: `library`, of the hyp_library; `script`, of the hyp_linker_script; and `object`, of the hyp_object, which gets those of unknown groups, so that
      Bazel names them.
    """
    group = {key: key.split(".")[0] if "." in key else None for key in properties}
    return struct(
        library = {key: value for key, value in properties.items() if group[key] in [None, COMPILE, CHECK]},
        object = {key: value for key, value in properties.items() if group[key] != COMPILE},
        script = {key: value for key, value in properties.items() if group[key] in [None, COMPILE]},
    )

# The execution group of the actions for a kernel tree.
TREE = "tree"
TREE_GROUPS = {TREE: exec_group(toolchains = [_HYPLINK_TOOLCHAIN])}

# The execution group of comparisons, in tests and for pages.
COMPARE = "compare"
COMPARE_GROUPS = {COMPARE: exec_group(toolchains = [_HYPLINK_TOOLCHAIN])}

# The environment of an action of hyplink that gets one processor from Bazel, as it does unless the action has a resource_set.
ONE_PROCESSOR = {"GOMAXPROCS": "1"}

_NO_HYPLINK = ("%s: no hyplink toolchain is registered for %s; in MODULE.bazel write " +
               "register_toolchains(\"@rules_hyp//toolchain/hyplink:all\"), or in WORKSPACE call rules_hyp_register_toolchains()")

def audit_tool(ctx, label):
    """Finds hypaudit; fails if no toolchain is registered.

    Args:
      ctx: the context of a rule or an aspect, which has AUDIT_TOOLCHAINS.
      label: Label of the target, for the error.

    Returns:
      A dict of arguments for `ctx.actions.run`: the program, and the type of its toolchain.
    """
    toolchain = ctx.toolchains[_AUDIT_TOOLCHAIN_TYPE]
    if not toolchain:
        fail((_NO_HYPLINK + " [E9004]") % (label, "this execution platform, with hypaudit"))
    return {"executable": toolchain.hypaudit, "toolchain": _AUDIT_TOOLCHAIN_TYPE}

def hyplink_tools(ctx, group):
    """Finds hyplink and hypcc for one execution group; fails if no toolchain is registered.

    Args:
      ctx: the rule's context; the rule has the execution groups OBJECT_GROUPS, TREE_GROUPS or COMPARE_GROUPS.
      group: string, one of them.

    Returns:
      HyplinkToolchainInfo of the resolved toolchain.
    """
    toolchain = ctx.exec_groups[group].toolchains[_HYPLINK_TOOLCHAIN_TYPE]
    if not toolchain:
        fail((_NO_HYPLINK + " [E9004]") % (ctx.label, "this execution platform"))
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
              "platform on which hyplink's toolchain runs [E9005]") % (
            ctx.label,
            ctx.fragments.platform.platform,
        ))
    if not toolchains[_HYPLINK_TOOLCHAIN_TYPE]:
        fail((_NO_HYPLINK + " [E9004]") % (ctx.label, "an execution platform on which the C toolchain runs"))

    # A toolchain may be a CcToolchainInfo itself, or have one.
    cc = cc.cc if hasattr(cc, "cc_provider_in_toolchain") and hasattr(cc, "cc") else cc
    return cc, toolchains[_HYPLINK_TOOLCHAIN_TYPE].hyplink_info
