# SPDX-License-Identifier: Apache-2.0

"""hyp_library: compiles each source NAME.c or NAME.S to an object, NAME.hyp.o by default."""

load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:providers.bzl", "HypObjectsInfo")
load(":compile.bzl", "ACTIONS", "compiler_for", "compiler_path", "run_compiler", "toolchain_options")
load(":compile_commands.bzl", "compile_command", "write_compile_commands")
load(":context.bzl", "DATA_DOC", "context_args", "runfiles_of")
load(":flags.bzl", "refuse_forbidden")
load(":missing_source.bzl", "refuse_missing")
load(":options.bzl", "TOOLCHAIN_FLAGS_DOC", "TREE_DOC", "VARIABLES_DOC", "expand_options", "options_for_source", "repository_path")
load(":paths.bzl", "add_mapped")
load(":sources.bzl", "check_suffix", "headers_only_args", "object_names", "split_sources", "stem")
load(":toolchains.bzl", "CHECK", "COMPILE_GROUPS", "OBJECT_GROUPS")
load(":undefined.bzl", "UNDEFINED_ATTRS", "check_undefined")

_DEPS = [[CcInfo], [HypObjectsInfo, CcInfo]]

_ATTRS = {
    "srcs": attr.label_list(
        doc = """The `.c`, `.S` and `.s` files, in link order. Each becomes `NAME.hyp.o` (`object_suffix`); objects of sources with the same NAME go to
separate directories. `.h` and `.inc` files are headers for these sources only, not for dependents. So is an output directory (a tree artifact): one with a
source fails the build, since Bazel lists its files too late to compile them one by one.""",
        # _impl checks the extensions: Bazel knows none of a directory's.
        allow_files = True,
    ),
    "hdrs": attr.label_list(
        doc = """All files that the sources, and those of dependents, may include, with `#include` or the assembler's `.include`. A change of a `.h`
recompiles only the sources that read it; a change of any other file, or of one in an output directory (a tree artifact), recompiles all.""",
        allow_files = True,
    ),
    "deps": attr.label_list(
        doc = """hyp_library targets, whose objects are linked after this one's and whose headers, includes and defines are used; or header-only
cc_library targets.""",
        providers = _DEPS,
    ),
    "implementation_deps": attr.label_list(
        doc = """Like `deps`, for these sources alone: dependents do not get the headers, includes and defines. The objects are linked, after those of `deps`.""",
        providers = _DEPS,
    ),
    "data": attr.label_list(doc = DATA_DOC, allow_files = True),
    "copts": attr.string_list(
        doc = """Appended to the toolchain's options for each `.c`. Each string is one argument, not split by a shell. Options that must not
reach EL2 code are rejected. Expanded are `$(NAME)`, the source's base name without extension; `$(IDENT)`, the same with `-` and `,` replaced by `_`; """ + VARIABLES_DOC +
              """`srcs`, `hdrs`, `deps`, `implementation_deps`, `additional_compiler_inputs` or `data`. A path makes its file no input: what a compile reads
goes in `hdrs` or `additional_compiler_inputs`. `$$` is a dollar sign; any other variable is an error.""",
    ),
    "asmopts": attr.string_list(doc = "The same for each `.S` and `.s`; `copts` do not apply to them."),
    "per_file_copts": attr.string_list_dict(
        doc = """Options for single sources, appended to `copts` or `asmopts`. The key is a source's base name, or its path in its repository; a
key that matches no source is an error.""",
    ),
    "includes": attr.string_list(doc = "Directories below the package for `-I`, in the source tree and in the output tree; also for dependents."),
    "defines": attr.string_list(doc = "Macros for `-D`, `NAME` or `NAME=VALUE`; also for dependents. Expanded as `copts`, but for `$(NAME)` and `$(IDENT)`."),
    "local_defines": attr.string_list(doc = "Macros as in `defines`, for these sources alone, after those of `defines` and of the deps."),
    "additional_compiler_inputs": attr.label_list(
        doc = """Files that the sources read other than by `#include`, for example with `.incbin`. A change of one recompiles all sources. The assembler
looks for a relative name in the execution root, and in directories of `-I`.""",
        allow_files = True,
    ),
    "object_suffix": attr.string(
        doc = """What an object's name has after the source's: a `.`, letters, digits, `.`, `_` and `-`, and `.o` at the end. A linker writes objects' names
into FILE symbols, for objects without one of their own, so that those of kbuild's objects need kbuild's suffix (`.nvhe.o`). File patterns in a linker script match it.""",
        default = ".hyp.o",
    ),
    "tree": attr.label(doc = TREE_DOC, allow_files = True),
    "toolchain_flags": attr.bool(doc = TOOLCHAIN_FLAGS_DOC, default = True),
} | UNDEFINED_ATTRS

def _check_deps(ctx):
    """Fails for a dependency whose machine code would silently be left out."""
    for dep in ctx.attr.deps + ctx.attr.implementation_deps:
        for linker_input in dep[CcInfo].linking_context.linker_inputs.to_list():
            # An object may be an additional input, or named in a flag.
            if linker_input.libraries or linker_input.additional_inputs:
                fail(("%s: %s: got %s, which has linked or foreign code (%s) that a hyp_library does not pass on; put its sources in " +
                      "a hyp_library, or its headers in a separate cc_library [E9207]") % (
                    ctx.label,
                    "deps" if dep in ctx.attr.deps else "implementation_deps",
                    dep.label,
                    linker_input.owner,
                ))

def _options_of(source, common, per_file, used):
    """Returns the target's options for one source, and records the matching keys of per_file in used."""
    options = common
    for key in (source.basename, repository_path(source)):
        if key in per_file:
            options = options + per_file[key]
            used[key] = True
    return options

def _impl(ctx):
    refuse_missing(ctx, ctx.attr.srcs, "srcs")
    files = split_sources(ctx)
    if not files.sources and not ctx.attr.deps + ctx.attr.implementation_deps:
        fail("%s: srcs and deps are both empty, nothing to compile; add a .c or .S file to srcs [E9208]" % ctx.label)
    check_suffix(ctx)
    _check_deps(ctx)
    own = {
        "c": expand_options(ctx, ctx.attr.copts, "copts", per_source = True),
        "S": expand_options(ctx, ctx.attr.asmopts, "asmopts", per_source = True),
    }
    own["s"] = own["S"]
    per_file = {k: expand_options(ctx, v, "per_file_copts", per_source = True) for k, v in ctx.attr.per_file_copts.items()}
    used = {}
    unnamed = [_options_of(source, own[source.extension], per_file, used) for source in files.sources]
    compiler = compiler_for(ctx, files.sources, unnamed, files.headers)
    more_inputs = depset(ctx.files.additional_compiler_inputs)
    headers_only = headers_only_args(ctx, files.directories)

    objects = [ctx.actions.declare_file("%s/%s" % (ctx.label.name, name)) for name in object_names(ctx, files.sources)]
    contexts = {}
    commands = []
    toolchain_flags = {}
    checked = {}
    for source, output, options in zip(files.sources, objects, unnamed):
        kind = source.extension
        if kind not in toolchain_flags:
            toolchain_flags[kind] = toolchain_options(ctx, compiler, ACTIONS[kind])
            contexts[kind] = context_args(ctx, compiler, objects[0], ACTIONS[kind])
        options = options_for_source(options, stem(source))
        where = ("copts" if kind == "c" else "asmopts") + (
            " with per_file_copts of " + repository_path(source) if len(options) > len(own[kind]) else ""
        )
        if where not in checked:
            refuse_forbidden(options, ctx.label, where)
            checked[where] = True

        before = ctx.actions.args()
        add_mapped(ctx, before, output, toolchain_flags[kind])
        after = ctx.actions.args()
        add_mapped(ctx, after, output, options)
        after.add("-c")
        run_compiler(
            ctx,
            compiler,
            action_name = ACTIONS[kind],
            source = source,
            output = output,
            options = [before, contexts[kind], after] + ([headers_only] if output == objects[0] else []),
            mnemonic = "HypCompile",
            progress_message = "Compiling %s for EL2" % repository_path(source),
            more_inputs = more_inputs,
        )
        commands.append(compile_command(
            compiler,
            compiler_path(compiler, ACTIONS[kind]),
            source,
            output,
            (toolchain_flags[kind], options),
        ))

    for key in per_file:
        if key not in used:
            fail("%s: per_file_copts: got %r, which matches no source; write a base name such as %s [E9209]" % (
                ctx.label,
                key,
                files.sources[0].basename if files.sources else "switch.c",
            ))

    infos = [dep[HypObjectsInfo] for dep in ctx.attr.deps + ctx.attr.implementation_deps if HypObjectsInfo in dep]
    unchecked, stamps = check_undefined(ctx, objects, infos)
    objects_info = HypObjectsInfo(
        objects = depset(objects, transitive = [i.objects for i in infos], order = "preorder"),
        commands = depset(commands, transitive = [i.commands for i in infos], order = "preorder"),
        unchecked = unchecked,
    )
    database = ctx.actions.declare_file(ctx.label.name + "/compile_commands.json")
    write_compile_commands(ctx, objects_info.commands, database)
    return [
        DefaultInfo(files = depset(objects), runfiles = runfiles_of(ctx)),
        objects_info,
        CcInfo(compilation_context = compiler.public_cc_info.compilation_context),
        OutputGroupInfo(
            objects = objects_info.objects,
            compile_commands = depset([database]),
            _validation = stamps,
        ),
    ]

hyp_library = rule(
    implementation = _impl,
    doc = """Compiles C and assembly for a namespaced object such as KVM's EL2 code.

Each source is compiled to `NAME.hyp.o` (see `object_suffix`) in a separate action (mnemonic `HypCompile`). The command line is, in this order: the compiler of the
resolved C toolchain, the toolchain's options, for C `-fno-asynchronous-unwind-tables -fno-unwind-tables`, `--copt`, the defines and include directories
of this target and its deps, `local_defines`, `copts` (or `asmopts`), `per_file_copts`. Options that must not reach EL2 code (ftrace, shadow call stack, LTO, profiles,
coverage, sanitizers that call out, stack protector) are removed if they come from the toolchain or from `--copt`, and are an error in the attributes.

Link order is the order of `srcs`, then of `deps`, then of `implementation_deps`, recursively; an object that several deps have is linked once, in its first position.

The target is built for its configuration's platform, which a hyp_object sets. To let `bazel build //...` skip it on other platforms, set
`target_compatible_with = ["@platforms//cpu:aarch64"]`.

`features` are those of the resolved C toolchain: `features = ["-NAME"]` switches one off, and one that the toolchain does not know does nothing, as for
cc_library. Those that instrument code or change what a compile writes (`pic`, `thin_lto`, `asan`, `coverage` and their like) stay off.

With `check_undefined`, an action (`HypCheck`, a validation action) looks for undefined symbols in the objects, before anything is linked. Compiles do not wait for it.

The compiles are in the execution group `compile`: `exec_properties = {"compile.NAME": "VALUE"}` sets a property of the platform for them alone. The check is in `check`.

Output groups: `objects` (including those of the deps), `compile_commands` (a JSON compilation database; paths are relative to `bazel info
execution_root`).""",
    attrs = _ATTRS,
    exec_groups = COMPILE_GROUPS | {CHECK: OBJECT_GROUPS[CHECK]},
    fragments = ["cpp", "platform"],
    provides = [HypObjectsInfo, CcInfo],
)
