# SPDX-License-Identifier: Apache-2.0

"""Stage 1: links objects into one relocatable object with a linker script."""

load(":paths.bzl", "PATH_MAPPING")
load(":toolchains.bzl", "LINK", "hyplink_tools")

# Values of `orphan`, `group`, `merge_strings` and `symbol_order`, as for `hyplink link`; the first is the default.
_ORPHANS = ["place", "warn", "error"]
_GROUPS = ["flatten", "keep", "error"]
_MERGES = ["none", "in-order", "lld14", "lld15", "lld17"]
_ORDERS = ["input", "gnu"]

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
    "merge_strings": attr.string(
        doc = """Whether strings and constants of mergeable sections that are the same are in the object once, as lld links them, but not GNU ld: `none`;
`in-order`, as they come; or in the order of lld up to 14 (`lld14`), of lld 15 and 16 (`lld15`), or of lld 17 and later (`lld17`).""",
        values = _MERGES,
        default = _MERGES[0],
    ),
    "symbol_order": attr.string(
        doc = """The order of symbols: that of the `input` objects; or that of `gnu`, of GNU ld and kbuild, so that a vmlinux with the object is the one with
kbuild's to the last byte. Code and data do not depend on it.""",
        values = _ORDERS,
        default = _ORDERS[0],
    ),
    "fatal_warnings": attr.bool(doc = "Whether a warning of the partial link fails it, as with `--fatal-warnings` of GNU ld."),
}

def _processors(inputs):
    """Returns how many processors a link with so many inputs uses. A small one takes no longer with one, and does not wait until others are free."""
    return 1 if inputs < 64 else 2 if inputs < 512 else 4

def _link_resources(_os, inputs):
    # hyplink maps its inputs into memory, and has a table of their symbols.
    return {"cpu": _processors(inputs), "memory": 64 + inputs}

def add_symbol_order(ctx, args):
    """Adds the option for symbol_order, unless it is the default.

    Args:
      ctx: the rule's context, with the attributes PARTIAL_LINK_ATTRS.
      args: Args of `hyplink link` or `hyplink hyprel`.
    """
    if ctx.attr.symbol_order != _ORDERS[0]:
        args.add(ctx.attr.symbol_order, format = "--symbol-order=%s")

def add_scripts(ctx, args, scripts):
    """Adds the options for the linker scripts, and for what they include.

    Args:
      ctx: the rule's context, with the attribute `additional_inputs`.
      args: Args of `hyplink link` or `hyplink check`.
      scripts: list of File, in their order.
    """
    args.add_all(scripts, format_each = "--script=%s")
    args.add_all(ctx.files.additional_inputs, format_each = "--script-input=%s")

def partial_link(ctx, objects, scripts, output, layout):
    """Registers the action HypPartialLink.

    Args:
      ctx: the rule's context, with the attributes PARTIAL_LINK_ATTRS and `additional_inputs`.
      objects: depset of File, in link order.
      scripts: list of File, the preprocessed linker scripts, which count as one.
      output: File, the partially linked object.
      layout: File, the link map, as JSON.
    """
    args = ctx.actions.args()
    args.add("link")
    add_scripts(ctx, args, scripts)
    args.add("-o", output)
    args.add(layout, format = "--map=%s")
    args.add(ctx.attr.orphan, format = "--orphan=%s")
    args.add(ctx.attr.group, format = "--group=%s")
    if ctx.attr.merge_strings != _MERGES[0]:
        args.add(ctx.attr.merge_strings, format = "--merge-strings=%s")
    add_symbol_order(ctx, args)
    if ctx.attr.fatal_warnings:
        args.add("--fatal-warnings")

    args.add_all([output], map_each = lambda _: "--threads=%d" % _processors(len(objects.to_list())), allow_closure = True, expand_directories = False)

    # Objects go to a parameter file if there are many. It keeps their order, which is the link order.
    inputs = ctx.actions.args()
    inputs.use_param_file("@%s")
    inputs.set_param_file_format("multiline")
    inputs.add_all(objects)
    ctx.actions.run(
        executable = hyplink_tools(ctx, LINK).hyplink,
        arguments = [args, inputs],
        inputs = depset(scripts + ctx.files.additional_inputs, transitive = [objects]),
        outputs = [output, layout],
        mnemonic = "HypPartialLink",
        progress_message = "Partially linking %{label}",
        exec_group = LINK,
        execution_requirements = PATH_MAPPING,
        resource_set = _link_resources,
    )
