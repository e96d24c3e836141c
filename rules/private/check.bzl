"""Holds the finished object to the rules of a hypervisor object, in every build."""

load(":toolchains.bzl", "HYPLINK_TOOLCHAIN_TYPE")

def check_object(ctx, tools, stages, script, stamp, hyp_relocations):
    """Registers the action HypCheck. As a validation action it runs beside whatever uses the object and fails the build.

    Args:
      ctx: the rule's context; it has the attributes of CHECK_ATTRS, `symbol_prefix` and `prefix_classes`.
      tools: HyplinkToolchainInfo.
      stages: struct with the Files `object` and `layout`.
      script: File, the linker script of the link: a section that it does not name is an orphan.
      stamp: File, written when the object passes.
      hyp_relocations: bool, whether the object must have `.hyp.reloc`; otherwise it must not.
    """
    args = ctx.actions.args()
    args.add("check")
    args.add(ctx.attr.symbol_prefix, format = "--symbol-prefix=%s")

    # What the rename left alone on purpose is not held against the object.
    args.add_all(ctx.attr.prefix_classes, format_each = "--prefix-class=%s")
    args.add(ctx.attr.hyp_section_prefix, format = "--section-prefix=%s")
    args.add_all(ctx.files.allowed_undefined, format_each = "--allowed-undefined=%s")
    args.add_all(ctx.attr.allowed_sections, format_each = "--allowed-section=%s")
    args.add("--hyp-relocations=" + ("required" if hyp_relocations else "absent"))
    args.add(script, format = "--script=%s")
    args.add(stages.layout, format = "--map=%s")
    policies = [ctx.file.check_policy] if ctx.file.check_policy else []
    args.add_all(policies, format_each = "--policy=%s")
    args.add(stamp, format = "--stamp=%s")
    args.add(stages.object)
    ctx.actions.run(
        executable = tools.hyplink,
        arguments = [args],
        inputs = [stages.object, stages.layout, script] + ctx.files.allowed_undefined + policies,
        outputs = [stamp],
        mnemonic = "HypCheck",
        progress_message = "Checking %{label}",
        toolchain = HYPLINK_TOOLCHAIN_TYPE,
    )

CHECK_ATTRS = {
    "allowed_undefined": attr.label_list(
        doc = """Files with one symbol name a line, prefix included, or an `image-vars.h`: what the object may leave for the final link to
define. Any other undefined symbol fails the build.""",
        allow_files = True,
    ),
    "allowed_sections": attr.string_list(
        doc = "Patterns of loaded sections that may be in the object besides those of the script that start with `hyp_section_prefix` (docs/check.md).",
    ),
    "hyp_section_prefix": attr.string(
        doc = "What the name of each loaded section of the result starts with. Empty where the sections keep their names.",
        default = ".hyp",
    ),
    "check_policy": attr.label(
        doc = "A policy file (docs/check.md), which may ask for more, and may switch single findings off with a reason.",
        allow_single_file = True,
    ),
}
