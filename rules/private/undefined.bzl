# SPDX-License-Identifier: Apache-2.0

"""Checks compiled objects for undefined symbols before anything is linked."""

load("//rules:providers.bzl", "HypLinkerScriptInfo")
load(":paths.bzl", "PATH_MAPPING")
load(":toolchains.bzl", "CHECK", "ONE_PROCESSOR", "hyplink_tools")

UNDEFINED_ATTRS = {
    "check_undefined": attr.bool(
        doc = """Whether each build of the target, or of a target that depends on it, fails for a symbol of one of its objects that nothing defines: no object of the target and its
`deps`, not `linker_script`, and no list of `allowed_undefined`. The message has the object, the function, and the line of the use (HYP002, docs/check.md). Objects of `deps` that no
hyp_library has checked are checked as well: where two need each other, set this in a third one that has both in `deps`.""",
    ),
    "allowed_undefined": attr.label_list(
        doc = "For `check_undefined`: the same files as those of the hyp_object, or more of them. A name may have `symbol_prefix` and `symbol_suffix` or not.",
        allow_files = True,
    ),
    "linker_script": attr.label(
        doc = "For `check_undefined`: the hyp_linker_script of the hyp_object, which defines symbols too.",
        providers = [HypLinkerScriptInfo],
    ),
    "symbol_prefix": attr.string(
        doc = "For `check_undefined`: that of the hyp_object, with which names are in the files of `allowed_undefined`. The objects have no prefix yet.",
    ),
    "symbol_suffix": attr.string(doc = "The same for its suffix."),
}

def check_undefined(ctx, objects, deps):
    """Registers the action HypCheck of a hyp_library with `check_undefined`: a validation action, which runs in parallel to whatever uses the objects.

    One action checks all of them: each needs what the others define, so that none could run earlier.

    Args:
      ctx: the rule's context; it has the attributes of UNDEFINED_ATTRS.
      objects: list of File, the target's own.
      deps: list of HypObjectsInfo.

    Returns:
      (depset of File, depset of File): the objects that nothing has checked, and the outputs of the action.
    """
    unchecked = depset(objects, transitive = [getattr(dep, "unchecked", dep.objects) for dep in deps], order = "preorder")

    # Other attributes are not an error then: in a BUILD file of hypgen, one line turns the check off.
    if not ctx.attr.check_undefined:
        return unchecked, depset()
    scripts = [ctx.attr.linker_script[HypLinkerScriptInfo].script] if ctx.attr.linker_script else []
    lists = ctx.files.allowed_undefined
    stamp = ctx.actions.declare_file(ctx.label.name + "/undefined.stamp")
    args = ctx.actions.args()
    args.add("check")
    args.add("--unlinked")
    if ctx.attr.symbol_prefix:
        args.add(ctx.attr.symbol_prefix, format = "--symbol-prefix=%s")
    if ctx.attr.symbol_suffix:
        args.add(ctx.attr.symbol_suffix, format = "--symbol-suffix=%s")
    args.add_all(lists, format_each = "--allowed-undefined=%s")
    args.add_all(scripts, format_each = "--script=%s")
    args.add(stamp, format = "--stamp=%s")

    # They go to a parameter file if there are many.
    inputs = ctx.actions.args()
    inputs.use_param_file("@%s")
    inputs.set_param_file_format("multiline")
    inputs.add_all(depset(transitive = [dep.objects for dep in deps], order = "preorder"), format_each = "--defined-by=%s")
    inputs.add_all(unchecked)
    ctx.actions.run(
        executable = hyplink_tools(ctx, CHECK).hyplink,
        arguments = [args, inputs],
        inputs = depset(lists + scripts + objects, transitive = [dep.objects for dep in deps]),
        outputs = [stamp],
        mnemonic = "HypCheck",
        progress_message = "Checking the objects of %{label}",
        env = ONE_PROCESSOR,
        exec_group = CHECK,
        execution_requirements = PATH_MAPPING,
    )
    return depset(), depset([stamp])
