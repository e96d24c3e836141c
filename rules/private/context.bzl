# SPDX-License-Identifier: Apache-2.0

"""What a target's sources see of the target and its deps: headers, include directories, macros; and the files that it needs at run time."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load(":options.bzl", "expand_options")
load(":paths.bzl", "add_mapped")

def contexts_of(ctx, private_headers):
    """Collects the headers, includes and defines of a target and its deps.

    Args:
      ctx: the rule's context; it has the attributes `toolchain_flags`, `deps`, `hdrs`, `includes` and `defines`, and may have `implementation_deps`
        and `local_defines`.
      private_headers: list of File, headers for this target only.

    Returns:
      struct with `public`, the CcInfo for dependents; `own`, the one for the target's own sources; `local_defines`, a tuple of string.
    """
    public = _public(ctx)
    own = [dep[CcInfo] for dep in getattr(ctx.attr, "implementation_deps", [])]
    if private_headers:
        own.append(CcInfo(compilation_context = cc_common.create_compilation_context(headers = depset(private_headers))))
    return struct(
        public = public,
        own = cc_common.merge_cc_infos(cc_infos = [public] + own) if own else public,
        local_defines = tuple(expand_options(ctx, getattr(ctx.attr, "local_defines", []), "local_defines")),
    )

def _public(ctx):
    root = ctx.label.workspace_root
    package = _join(root, ctx.label.package)
    bin_dir = ctx.bin_dir.path
    includes = []
    for include in ctx.attr.includes:
        if include.startswith("/") or ".." in include.split("/"):
            fail("%s: includes: got %r, want a directory below this package; add the target that owns the directory to deps [E9203]" % (ctx.label, include))
        directory = _join(package, "" if include == "." else include)
        includes += [directory or ".", _join(bin_dir, directory)]
    own = CcInfo(compilation_context = cc_common.create_compilation_context(
        headers = depset(ctx.files.hdrs),
        includes = depset(includes),
        quote_includes = depset([root or ".", _join(bin_dir, root)] if ctx.attr.toolchain_flags else []),
        defines = depset(expand_options(ctx, ctx.attr.defines, "defines")),
    ))
    return cc_common.merge_cc_infos(
        direct_cc_infos = [own],
        cc_infos = [dep[CcInfo] for dep in ctx.attr.deps],
    )

def _join(*parts):
    return "/".join([p for p in parts if p])

def context_args(ctx, compiler, anchor, action_name = ACTION_NAMES.c_compile):
    """Returns the defines and include directories of the target and its deps as arguments; no depset is flattened.

    Args:
      ctx: the rule's context.
      compiler: struct of compiler_for.
      anchor: File, an output of the target.
      action_name: string, one of ACTIONS. Without the preprocessor only `-I` has a meaning, and clang warns of the others.

    Returns:
      Args.
    """
    args = ctx.actions.args()
    for flag, values in context_options(compiler.cc_info.compilation_context, compiler.local_defines):
        if action_name == ACTION_NAMES.assemble and flag != "-I":
            continue
        add_mapped(ctx, args, anchor, values, format = flag + "%s")
    return args

def context_options(context, local_defines):
    """Returns the options of a compilation context, in the order of the command line.

    Args:
      context: the compilation context.
      local_defines: tuple of string, macros of the target alone.

    Returns:
      list of (option, depset of its values).
    """
    return [
        ("-D", context.defines),
        ("-D", depset(local_defines)),
        ("-iquote", context.quote_includes),
        ("-I", context.includes),
        ("-isystem", context.system_includes),
        ("-isystem", context.external_includes),
    ]

def runfiles_of(ctx):
    """Returns the files that a program with the target's code needs at run time: those of `data`, and those of the deps.

    Args:
      ctx: the rule's context, with any of the attributes `data`, `deps` and `implementation_deps`.

    Returns:
      runfiles.
    """
    targets = [target for name in ["data", "deps", "implementation_deps"] for target in getattr(ctx.attr, name, [])]
    return ctx.runfiles(files = getattr(ctx.files, "data", [])).merge_all([t[DefaultInfo].default_runfiles for t in targets])

DATA_DOC = "Files that a program with this code needs at run time. They are in the runfiles of dependents; the compiler does not see them."
