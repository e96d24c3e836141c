"""hyp_library: compiles sources to NAME.hyp.o."""

load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:providers.bzl", "HypObjectsInfo")
load(":compile.bzl", "ACTIONS", "compiler_for", "compiler_path", "context_args", "run_compiler", "toolchain_options")
load(":compile_commands.bzl", "compile_command", "write_compile_commands")
load(":flags.bzl", "refuse_forbidden")
load(":options.bzl", "TOOLCHAIN_FLAGS_DOC", "TREE_DOC", "expand_options", "options_for_source", "repository_path")
load(":toolchains.bzl", "CC_TOOLCHAIN", "HYPLINK_TOOLCHAIN")

_ATTRS = {
    "srcs": attr.label_list(
        doc = """The `.c`, `.S` and `.s` files, in link order. Each becomes `NAME.hyp.o`; sources of one NAME from different folders go into
folders of their own.""",
        allow_files = [".c", ".S", ".s"],
    ),
    "hdrs": attr.label_list(
        doc = """Everything the sources and the sources of dependents may include. A `.h` that a source does not read does not cause a
compile of it; other files always count as read.""",
        allow_files = True,
    ),
    "deps": attr.label_list(
        doc = """Other hyp_library targets, whose objects are linked behind this one's and whose headers, includes and defines are used; or
cc_library targets of headers only.""",
        providers = [[CcInfo], [HypObjectsInfo, CcInfo]],
    ),
    "copts": attr.string_list(
        doc = """Options for each `.c`, behind the toolchain's. Each is one argument as it is written: no shell splits it. Three variables are
replaced: `$(TREE)` (see `tree`), `$(NAME)`, the source's base name without its extension, and `$(IDENT)`, the same with `-` and `,` as `_`. Options
that must not reach EL2 code are refused.""",
    ),
    "asmopts": attr.string_list(doc = "The same for each `.S` and `.s`. `copts` do not apply to these."),
    "per_file_copts": attr.string_list_dict(
        doc = """Further options for single sources, behind `copts` or `asmopts`. The key is a source's base name, or its path from the root of
its repository; a key that names no source is an error.""",
    ),
    "includes": attr.string_list(doc = "Folders below the package for `-I`, of the sources and of what the build makes; used for dependents too."),
    "defines": attr.string_list(doc = "Macros, `NAME` or `NAME=VALUE`, for `-D`; used for dependents too. For this target alone, use `copts`."),
    "additional_compiler_inputs": attr.label_list(
        doc = "Files that the sources read other than by `#include`, for example by `.incbin`. They always count as read.",
        allow_files = True,
    ),
    "tree": attr.label(doc = TREE_DOC, allow_files = True),
    "toolchain_flags": attr.bool(doc = TOOLCHAIN_FLAGS_DOC, default = True),
}

def _stem(source):
    return source.basename[:-len(source.extension) - 1]

def _object_names(ctx):
    """Returns the objects' names below the target's folder, one for each source, in order."""
    stems = {}
    for source in ctx.files.srcs:
        stems.setdefault(_stem(source), []).append(source)
    names = []
    owners = {}
    for source in ctx.files.srcs:
        name = _stem(source)
        if len(stems[name]) > 1:
            folder = repository_path(source).rpartition("/")[0]
            name = folder + "/" + name if folder else name
        if name in owners:
            fail("%s: srcs: %s and %s would both become %s.hyp.o; rename one, or move one to a hyp_library of its own" % (
                ctx.label,
                owners[name].path,
                source.path,
                name,
            ))
        owners[name] = source
        names.append(name + ".hyp.o")
    return names

def _check_deps(ctx):
    """Fails for a dependency whose machine code would be left out without a word."""
    for dep in ctx.attr.deps:
        for linker_input in dep[CcInfo].linking_context.linker_inputs.to_list():
            # A hyp_object comes as an additional input, not as a library.
            if linker_input.libraries or linker_input.additional_inputs:
                fail(("%s: deps: got %s, which brings linked or foreign code (%s) that a hyp_library does not pass on; put its sources in " +
                      "a hyp_library, or its headers in a cc_library of their own") % (ctx.label, dep.label, linker_input.owner))

def _options_of(source, common, per_file, used):
    """Returns the target's own options for one source, and marks the keys of per_file that it found."""
    options = common
    for key in (source.basename, repository_path(source)):
        if key in per_file:
            options = options + per_file[key]
            used[key] = True
    return options

def _impl(ctx):
    if not ctx.files.srcs and not ctx.attr.deps:
        fail("%s: srcs and deps are both empty, so there is nothing to compile; add a .c or .S file to srcs" % ctx.label)
    _check_deps(ctx)
    compiler = compiler_for(ctx)
    own = {
        "c": expand_options(ctx, ctx.attr.copts, "copts", per_source = True),
        "S": expand_options(ctx, ctx.attr.asmopts, "asmopts", per_source = True),
    }
    own["s"] = own["S"]
    per_file = {k: expand_options(ctx, v, "per_file_copts", per_source = True) for k, v in ctx.attr.per_file_copts.items()}
    context = context_args(ctx, compiler)
    more_inputs = depset(ctx.files.additional_compiler_inputs)

    objects = []
    commands = []
    toolchain_flags = {}
    used = {}
    checked = {}
    for source, name in zip(ctx.files.srcs, _object_names(ctx)):
        kind = source.extension
        if kind not in toolchain_flags:
            toolchain_flags[kind] = toolchain_options(ctx, compiler, ACTIONS[kind])
        options = _options_of(source, own[kind], per_file, used)
        where = ("copts" if kind == "c" else "asmopts") + (
            " with per_file_copts of " + repository_path(source) if len(options) > len(own[kind]) else ""
        )
        if where not in checked:
            refuse_forbidden(options, ctx.label, where)
            checked[where] = True
        options = options_for_source(options, _stem(source))

        output = ctx.actions.declare_file("%s/%s" % (ctx.label.name, name))
        before = ctx.actions.args()
        before.add_all(toolchain_flags[kind])
        behind = ctx.actions.args()
        behind.add_all(options)
        behind.add("-c")
        run_compiler(
            ctx,
            compiler,
            action_name = ACTIONS[kind],
            source = source,
            output = output,
            options = [before, context, behind],
            mnemonic = "HypCompile",
            progress_message = "Compiling %s for EL2" % repository_path(source),
            more_inputs = more_inputs,
        )
        objects.append(output)
        commands.append(compile_command(
            compiler,
            compiler_path(compiler, ACTIONS[kind]),
            source,
            output,
            (toolchain_flags[kind], options),
        ))

    for key in per_file:
        if key not in used:
            fail("%s: per_file_copts: got %r, which names no source; write a base name such as %s" % (
                ctx.label,
                key,
                ctx.files.srcs[0].basename if ctx.files.srcs else "switch.c",
            ))

    infos = [dep[HypObjectsInfo] for dep in ctx.attr.deps if HypObjectsInfo in dep]
    objects_info = HypObjectsInfo(
        objects = depset(objects, transitive = [i.objects for i in infos], order = "preorder"),
        commands = depset(commands, transitive = [i.commands for i in infos], order = "preorder"),
    )
    database = ctx.actions.declare_file(ctx.label.name + "/compile_commands.json")
    write_compile_commands(ctx, objects_info.commands, database)
    return [
        DefaultInfo(files = depset(objects)),
        objects_info,
        CcInfo(compilation_context = compiler.cc_info.compilation_context),
        OutputGroupInfo(
            objects = objects_info.objects,
            compile_commands = depset([database]),
        ),
    ]

hyp_library = rule(
    implementation = _impl,
    doc = """Compiles C and assembly for a namespaced object such as KVM's EL2 code.

Each source becomes `NAME.hyp.o` by an action of its own (mnemonic `HypCompile`). The command is, in this order: the compiler of the
resolved C toolchain, the toolchain's options and `--copt`, the defines and include folders of this target and its deps, `copts` (or
`asmopts`), `per_file_copts`. Options that must not reach EL2 code (ftrace, shadow call stack, LTO, profiles, coverage,
sanitizers that call out, stack protector) are removed where the toolchain or the command line gives them and are an error
in the attributes.

Link order is the order of `srcs`, then that of `deps`, each dep's objects in the same way; an object that several deps bring comes
once, at its first place.

The target is compiled for the platform it is asked for; hyp_object asks for its own. So that `bazel build //...` passes over it
elsewhere, give it `target_compatible_with = ["@platforms//cpu:aarch64"]`.

Output groups: `objects` (with those of the deps), `compile_commands` (a JSON compilation database, its paths relative to `bazel info
execution_root`).""",
    attrs = _ATTRS,
    fragments = ["cpp", "platform"],
    provides = [HypObjectsInfo, CcInfo],
    toolchains = [CC_TOOLCHAIN, HYPLINK_TOOLCHAIN],
)
