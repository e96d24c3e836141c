# SPDX-License-Identifier: Apache-2.0

"""hyp_island: objects with a namespace of their own that are linked one by one."""

load("//rules:providers.bzl", "HypObjectsInfo")
load(":compile_commands.bzl", "write_compile_commands")
load(":paths.bzl", "PATH_MAPPING")
load(":prefix.bzl", "RENAME_ATTRS", "check_prefixes", "prefix_symbols")
load(":toolchains.bzl", "CHECK", "OBJECT_GROUPS", "ONE_PROCESSOR", "PREFIX", "hyplink_tools")
load(":transition.bzl", "to_platform")

_ATTRS = {
    "deps": attr.label_list(
        doc = "The hyp_library targets with the objects, in link order. Those of their deps are objects of the island as well.",
        providers = [HypObjectsInfo],
        mandatory = True,
        allow_empty = False,
    ),
    "object_prefix": attr.string(doc = "What the names of the objects start with, such as kbuild's `lib-` for sources of `lib/`."),
    "object_suffix": attr.string(
        doc = "What the names of the objects have after the sources' names, such as kbuild's `.pi.o` and `.stub.o`.",
        default = ".island.o",
    ),
    "no_absolute_relocations": attr.bool(
        doc = """Whether addresses in loaded sections are an error (HYP014): the code runs before the kernel is relocated, or elsewhere than it is linked. Sections of
`relative_sections` have none.""",
        default = True,
    ),
    "allowed_undefined": attr.label_list(
        doc = "Files with one symbol name per line, prefix included: what the objects may leave to each other and to the final link. Without any, everything.",
        allow_files = True,
    ),
    "allowed_sections": attr.string_list(doc = "Patterns of loaded sections that the check allows, as of hyp_object."),
    "check_policy": attr.label(doc = "A policy file (docs/check.md), as of hyp_object.", allow_single_file = True),
    "platform": attr.label(
        doc = "The platform to build for, whatever `--platforms` says.",
        default = Label("//platforms:arm64"),
        providers = [platform_common.PlatformInfo],
    ),
    "keep_platform": attr.bool(doc = "Build for the configuration's platform (from `--platforms` or a dependent) and ignore `platform`."),
    "_allowlist_function_transition": attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist"),
} | RENAME_ATTRS

def _names(ctx, inputs):
    """Returns the names of the island's objects: prefix, the source's name, suffix."""
    owners = {}
    for file in inputs:
        name = ctx.attr.object_prefix + file.basename.split(".")[0] + ctx.attr.object_suffix
        if name in owners:
            fail("%s: deps: %s and %s would both become %s; put one of them in another hyp_island [E9206]" % (ctx.label, owners[name].short_path, file.short_path, name))
        owners[name] = file
    return owners.keys()

def _check(ctx, object, undefined, stamp):
    args = ctx.actions.args()
    args.add("check")
    args.add(ctx.attr.symbol_prefix, format = "--symbol-prefix=%s")
    args.add(ctx.attr.symbol_suffix, format = "--symbol-suffix=%s")
    args.add_all(ctx.attr.prefix_classes, format_each = "--prefix-class=%s")

    # All sections are the island's own.
    args.add("--section-prefix=")
    args.add("--hyp-relocations=absent")
    if ctx.attr.no_absolute_relocations:
        args.add("--no-absolute-relocations")
    args.add_all(undefined, format_each = "--allowed-undefined=%s")
    args.add_all(ctx.attr.allowed_sections, format_each = "--allowed-section=%s")
    policies = [ctx.file.check_policy] if ctx.file.check_policy else []
    args.add_all(policies, format_each = "--policy=%s")
    args.add(stamp, format = "--stamp=%s")
    args.add(object)
    ctx.actions.run(
        executable = hyplink_tools(ctx, CHECK).hyplink,
        arguments = [args],
        inputs = [object] + undefined + policies,
        outputs = [stamp],
        mnemonic = "HypCheck",
        progress_message = "Checking %{input}",
        env = ONE_PROCESSOR,
        exec_group = CHECK,
        execution_requirements = PATH_MAPPING,
    )

def _impl(ctx):
    check_prefixes(ctx)
    infos = [dep[HypObjectsInfo] for dep in ctx.attr.deps]

    # Each object has actions of its own.
    inputs = depset(transitive = [i.objects for i in infos], order = "preorder").to_list()
    undefined = ctx.files.allowed_undefined
    if not undefined:
        undefined = [ctx.actions.declare_file(ctx.label.name + "/any-symbol.txt")]
        ctx.actions.write(undefined[0], "*\n")
    objects = []
    stamps = []
    for file, name in zip(inputs, _names(ctx, inputs)):
        object = ctx.actions.declare_file("%s/%s" % (ctx.label.name, name))
        stamp = ctx.actions.declare_file("%s/%s.check" % (ctx.label.name, name))
        prefix_symbols(ctx, file, object)
        _check(ctx, object, undefined, stamp)
        objects.append(object)
        stamps.append(stamp)
    commands = depset(transitive = [i.commands for i in infos], order = "preorder")
    database = ctx.actions.declare_file(ctx.label.name + "/compile_commands.json")
    write_compile_commands(ctx, commands, database)
    return [
        DefaultInfo(files = depset(objects)),
        HypObjectsInfo(objects = depset(objects, order = "preorder"), commands = commands),
        OutputGroupInfo(
            inputs = depset(inputs),
            objects = depset(objects),
            compile_commands = depset([database]),
            _validation = depset(stamps),
        ),
    ]

hyp_island = rule(
    implementation = _impl,
    doc = """Gives each object of hyp_library targets a namespace, without linking them together.

That is how the kernel builds what runs before it: arm64's and RISC-V's `pi` (`__pi_`) and the EFI stub (`__efistub_`). Each object is renamed by an action
`HypPrefix`, and checked by a validation action `HypCheck`: symbols have the prefix, and no loaded section has an absolute address. See docs/islands.md for kbuild's options.

The objects are `NAME/SOURCE.island.o` (`object_prefix`, `object_suffix`), in link order. kbuild takes them as they are; a hyp_object may have the target in `deps`.

The actions are in the execution groups `prefix` and `check`.

Output groups: `objects`; `inputs`, the objects before they are renamed; `compile_commands` (a JSON compilation database; paths are relative to `bazel info execution_root`).""",
    attrs = _ATTRS,
    cfg = to_platform,
    exec_groups = {name: OBJECT_GROUPS[name] for name in [PREFIX, CHECK]},
    provides = [HypObjectsInfo],
)
