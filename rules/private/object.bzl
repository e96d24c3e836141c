# SPDX-License-Identifier: Apache-2.0

"""hyp_object: partial link, relocations, prefix, check."""

load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:providers.bzl", "HypLinkerScriptInfo", "HypObjectInfo", "HypObjectsInfo")
load(":check.bzl", "CHECK_ATTRS", "check_object")
load(":compile_commands.bzl", "write_compile_commands")
load(":context.bzl", "DATA_DOC", "runfiles_of")
load(":hyprel.bzl", "hyp_relocations")
load(":layout_page.bzl", "layout_page")
load(":partial_link.bzl", "PARTIAL_LINK_ATTRS", "partial_link")
load(":prefix.bzl", "RENAME_ATTRS", "check_prefixes", "has_prefix_stage", "prefix_symbols")
load(":toolchains.bzl", "OBJECT_GROUPS")
load(":transition.bzl", "to_platform")

_ATTRS = {
    "deps": attr.label_list(
        doc = "The hyp_library targets to link, in link order.",
        providers = [HypObjectsInfo],
        mandatory = True,
        allow_empty = False,
    ),
    "linker_script": attr.label(
        doc = "The hyp_linker_script for the partial link.",
        providers = [HypLinkerScriptInfo],
        mandatory = True,
    ),
    "more_linker_scripts": attr.label_list(
        doc = """hyp_linker_script targets after `linker_script`, in their order. The scripts count as one that has the commands of all, as with several `-T` of GNU
ld: output sections are in the order of the scripts, the first pattern of all that matches takes an input section, and no two scripts describe the same output section.""",
        providers = [HypLinkerScriptInfo],
    ),
    "additional_inputs": attr.label_list(
        doc = """Files that the scripts read with `INCLUDE NAME`: NAME is a file's path, or the end of it, such as its base name. A hyp_linker_script may be one,
then its result is included, `common.lds` for a `common.lds.S`. Other files are not found.""",
        allow_files = True,
    ),
    "data": attr.label_list(doc = DATA_DOC, allow_files = True),
    "hyp_relocations": attr.bool(
        doc = """Whether to add `.hyp.reloc`, the list of 64-bit absolute addresses in hypervisor sections (see `hyp_section_prefix`), which the kernel
(since 5.12) converts to hypervisor addresses at boot. The script must define `__hyp_section_SECTION` in each of these sections.""",
    ),
    "platform": attr.label(
        doc = "The platform to build for, whatever `--platforms` says.",
        default = Label("//platforms:arm64"),
        providers = [platform_common.PlatformInfo],
    ),
    "keep_platform": attr.bool(doc = "Build for the configuration's platform (from `--platforms` or a dependent) and ignore `platform`."),
    "_allowlist_function_transition": attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist"),
} | PARTIAL_LINK_ATTRS | RENAME_ATTRS | CHECK_ATTRS

def _stages(ctx, objects, scripts):
    """Registers the stages and returns their results; the last one writes hyp.o."""
    prefixed = has_prefix_stage(ctx)
    names = ["partial.o"]
    if ctx.attr.hyp_relocations:
        names.append("relocated.o")
    if prefixed:
        names.append("prefixed.o")
    names[-1] = "hyp.o"
    files = [ctx.actions.declare_file("%s/%s" % (ctx.label.name, n)) for n in names]
    layout = ctx.actions.declare_file(ctx.label.name + "/layout.json")

    partial_link(ctx, objects, scripts, files[0], layout)
    if ctx.attr.hyp_relocations:
        hyp_relocations(ctx, files[0], files[1])
    if prefixed:
        prefix_symbols(ctx, files[-2], files[-1])
    return struct(
        partial = files[0],
        relocated = files[1] if ctx.attr.hyp_relocations else None,
        object = files[-1],
        layout = layout,
    )

def _linking_context(ctx, object):
    """Returns a linking context that puts the object itself, not an archive, on the linker's command line.

    cc_shared_library of Bazel 7 ignores what has no libraries. Linkers look at the contents of a file, not at its name, and link an object as a whole.
    """
    library = ctx.actions.declare_file(ctx.label.name + "/hyp.lo")
    ctx.actions.symlink(output = library, target_file = object)
    return cc_common.create_linking_context(
        linker_inputs = depset([cc_common.create_linker_input(
            owner = ctx.label,
            libraries = depset([cc_common.create_library_to_link(
                actions = ctx.actions,
                static_library = library,
                alwayslink = True,
            )]),
        )]),
    )

def _impl(ctx):
    check_prefixes(ctx)
    infos = [dep[HypObjectsInfo] for dep in ctx.attr.deps]
    objects = depset(transitive = [i.objects for i in infos], order = "preorder")
    commands = depset(transitive = [i.commands for i in infos], order = "preorder")
    scripts = [target[HypLinkerScriptInfo].script for target in [ctx.attr.linker_script] + ctx.attr.more_linker_scripts]

    stages = _stages(ctx, objects, scripts)
    stamp = ctx.actions.declare_file(ctx.label.name + "/check.stamp")
    check_object(ctx, stages, scripts, stamp, ctx.attr.hyp_relocations)
    page = ctx.actions.declare_file(ctx.label.name + "/layout.html")
    layout_page(ctx, stages.object, stages.layout, page)
    database = ctx.actions.declare_file(ctx.label.name + "/compile_commands.json")
    write_compile_commands(ctx, commands, database)
    return [
        DefaultInfo(files = depset([stages.object]), runfiles = runfiles_of(ctx)),
        HypObjectInfo(
            object = stages.object,
            objects = objects,
            linker_script = scripts[0],
            linker_scripts = depset(scripts, order = "preorder"),
            script_inputs = depset(ctx.files.additional_inputs),
            partial = stages.partial,
            relocated = stages.relocated,
            layout = stages.layout,
            symbol_prefix = ctx.attr.symbol_prefix,
            symbol_suffix = ctx.attr.symbol_suffix,
            hyp_relocations = ctx.attr.hyp_relocations,
            allowed_undefined = depset(ctx.files.allowed_undefined),
        ),
        CcInfo(linking_context = _linking_context(ctx, stages.object)),
        OutputGroupInfo(
            objects = objects,
            html = depset([page]),
            linker_script = depset(scripts),
            map = depset([stages.layout]),
            partial = depset([stages.partial]),
            relocated = depset([stages.relocated] if stages.relocated else []),
            compile_commands = depset([database]),
            _validation = depset([stamp]),
        ),
    ]

hyp_object = rule(
    implementation = _impl,
    doc = """Links compiled sources into one namespaced object.

There are three stages, each an action: the partial link with the linker script (`HypPartialLink`, output group `partial`), the list of hypervisor
relocations (`HypRelocations`, output group `relocated`), the prefix and other renames (`HypPrefix`). The result is always `NAME/hyp.o`.

Every build checks the result (`HypCheck`, a validation action; docs/check.md): no undefined symbols except those of `allowed_undefined`, no loaded
section that the script does not name, no symbol without the prefix, a complete `.hyp.reloc`, and more.

`bazel build` needs no `--platforms`: the target and its deps are built for `platform`. A cc_binary, cc_library or cc_shared_library may have a hyp_object in `deps`; the linker then
gets the object itself, not an archive: all of it is linked, without `alwayslink`, under the name `NAME/hyp.lo`. In the `srcs` of a cc_binary it is linked as well; those of a cc_library are
put into its archive. A genrule with a hyp_object in `srcs` gets `NAME/hyp.o`.

Each action has an execution group: `link`, `relocations`, `prefix`, `check`, `page`. `exec_properties = {"link.NAME": "VALUE"}` sets a property of the platform
for one of them. The partial link asks Bazel for one processor, for two from 64 inputs on, for four from 512 on, and uses no more; the others use one.

Output groups: `objects`, `linker_script`, `partial`, `relocated`, `map` (layout.json: where each input section went),
`html` (layout.html, a page that shows it, which `hyp_layout_page` opens; docs/layout.md),
`compile_commands` (a JSON compilation database; paths are relative to `bazel info execution_root`).""",
    attrs = _ATTRS,
    cfg = to_platform,
    exec_groups = OBJECT_GROUPS,
    provides = [HypObjectInfo, CcInfo],
)
