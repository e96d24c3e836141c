# SPDX-License-Identifier: Apache-2.0

"""Stage 2: adds `.hyp.reloc`, the list of locations with kernel addresses."""

load(":partial_link.bzl", "add_symbol_order")
load(":paths.bzl", "PATH_MAPPING")
load(":toolchains.bzl", "ONE_PROCESSOR", "RELOCATIONS", "hyplink_tools")

def hyp_relocations(ctx, object, output):
    """Registers the action HypRelocations.

    Args:
      ctx: the rule's context; it has the attributes of CHECK_ATTRS, PARTIAL_LINK_ATTRS and RENAME_ATTRS.
      object: File, the partially linked object.
      output: File, the object with `.hyp.reloc`.
    """
    for name in ["section_prefix", "alloc_section_prefix"]:
        if getattr(ctx.attr, name):
            fail(("%s: %s: got %r with hyp_relocations, which would rename .hyp.reloc and the sections that it lists; " +
                  "give the output sections of the linker script names with the prefix, and set hyp_section_prefix [E9302]") % (ctx.label, name, getattr(ctx.attr, name)))
    args = ctx.actions.args()
    args.add("hyprel")
    args.add(ctx.attr.hyp_section_prefix, format = "--hyp-section-prefix=%s")
    add_symbol_order(ctx, args)
    args.add("-o", output)
    args.add(object)
    ctx.actions.run(
        executable = hyplink_tools(ctx, RELOCATIONS).hyplink,
        arguments = [args],
        inputs = [object],
        outputs = [output],
        mnemonic = "HypRelocations",
        progress_message = "Listing hypervisor relocations of %{label}",
        env = ONE_PROCESSOR,
        exec_group = RELOCATIONS,
        execution_requirements = PATH_MAPPING,
    )
