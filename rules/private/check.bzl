# SPDX-License-Identifier: Apache-2.0

"""Checks the finished object against the rules for hypervisor objects, in every build."""

load(":paths.bzl", "PATH_MAPPING")
load(":toolchains.bzl", "CHECK", "ONE_PROCESSOR", "hyplink_tools")

def check_object(ctx, stages, script, stamp, hyp_relocations):
    """Registers the action HypCheck. It is a validation action: it runs in parallel to whatever uses the object, and fails the build.

    Args:
      ctx: the rule's context; it has the attributes of CHECK_ATTRS, `symbol_prefix`, `symbol_suffix` and `prefix_classes`.
      stages: struct with the Files `object` and `layout`.
      script: File, the linker script of the link: a section that it does not name is an orphan.
      stamp: File, written if the object passes.
      hyp_relocations: bool, whether the object must have `.hyp.reloc`; if not, it must have none.
    """
    args = ctx.actions.args()
    args.add("check")
    args.add(ctx.attr.symbol_prefix, format = "--symbol-prefix=%s")
    if ctx.attr.symbol_suffix:
        args.add(ctx.attr.symbol_suffix, format = "--symbol-suffix=%s")

    # Symbols that the rename left alone on purpose are no findings.
    args.add_all(ctx.attr.prefix_classes, format_each = "--prefix-class=%s")
    args.add(ctx.attr.hyp_section_prefix, format = "--section-prefix=%s")
    args.add_all(ctx.files.allowed_undefined, format_each = "--allowed-undefined=%s")
    args.add_all(ctx.attr.allowed_sections, format_each = "--allowed-section=%s")
    args.add("--hyp-relocations=" + ("required" if hyp_relocations else "absent"))
    args.add(script, format = "--script=%s")
    args.add(stages.layout, format = "--map=%s")
    policies = [ctx.file.check_policy] if ctx.file.check_policy else []
    if ctx.files.check_policy_files and not policies:
        fail("%s: check_policy_files: got files, but no check_policy names them; set check_policy, or use allowed_undefined [E9301]" % ctx.label)
    args.add_all(policies, format_each = "--policy=%s")
    args.add(stamp, format = "--stamp=%s")
    args.add(stages.object)
    ctx.actions.run(
        executable = hyplink_tools(ctx, CHECK).hyplink,
        arguments = [args],
        inputs = [stages.object, stages.layout, script] + ctx.files.allowed_undefined + policies + ctx.files.check_policy_files,
        outputs = [stamp],
        mnemonic = "HypCheck",
        progress_message = "Checking %{label}",
        env = ONE_PROCESSOR,
        exec_group = CHECK,
        execution_requirements = PATH_MAPPING,
    )

CHECK_ATTRS = {
    "allowed_undefined": attr.label_list(
        doc = """Files with one symbol name per line, prefix included, or an `image-vars.h`: the symbols that the object may leave to the final
link. Any other undefined symbol fails the build.""",
        allow_files = True,
    ),
    "allowed_sections": attr.string_list(
        doc = "Patterns of loaded sections that the object may have besides the script's sections with `hyp_section_prefix` (docs/check.md).",
    ),
    "hyp_section_prefix": attr.string(
        doc = """The prefix of the names of all loaded sections of the result, and of those whose addresses `hyp_relocations` lists. Empty if the
sections keep their names: all of them are the hypervisor's.""",
        default = ".hyp",
    ),
    "check_policy": attr.label(
        doc = "A policy file (docs/check.md). It can add checks, and can switch off single findings, with a reason.",
        allow_single_file = True,
    ),
    "check_policy_files": attr.label_list(
        doc = "The files that the policy names, for example in its `allowed_undefined_files`. The names are relative to the policy file.",
        allow_files = True,
    ),
}
