# SPDX-License-Identifier: Apache-2.0

"""Options in BUILD files: each is one argument, used as is except for a few variables."""

load("//rules:providers.bzl", "HypTreeInfo")

TREE_DOC = """The source tree that options refer to: a hyp_tree, or a file or target in it, for example `@linux//:BUILD.bazel`. In options, `$(TREE)` is
the root directory of its repository, relative to the execution root: `-I$(TREE)/include`, `-fmacro-prefix-map=$(TREE)/=`. Headers go in `hdrs`; only a hyp_tree
has some more."""

TOOLCHAIN_FLAGS_DOC = """Whether the command line has the toolchain's default options (its feature `default_compile_flags`), those against unwind
tables, `--copt`, and `-iquote` for the repository's root directory. If False, nothing but the options of the target affects the code: the object does not depend on `-c opt`
or `--copt`. For complete sets of options, such as kbuild's."""

_TREE = "$(TREE)"
_NAME = "$(NAME)"
_IDENT = "$(IDENT)"
_PER_SOURCE = [_NAME, _IDENT]

def _tree_root(ctx, where, option):
    if not ctx.attr.tree:
        fail("%s: %s: got %s, but `tree` is not set; set it to a target of the source tree [E9201]" % (ctx.label, where, option))
    if HypTreeInfo in ctx.attr.tree:
        return ctx.attr.tree[HypTreeInfo].root
    return ctx.attr.tree.label.workspace_root or "."

def _check_known(ctx, option, where, per_source):
    rest = option
    for variable in per_source:
        rest = rest.replace(variable, "")
    if "$(" in rest:
        fail("%s: %s: got %s, want %s or $(execpath LABEL) of a label in hdrs [E9202]" % (
            ctx.label,
            where,
            option,
            ", ".join([_TREE] + per_source),
        ))

def repository_path(file):
    """Returns a file's path in its repository.

    Args:
      file: File, a source.

    Returns:
      string: the path relative to the repository's root directory.
    """
    path = file.short_path
    if path.startswith("../"):
        return path.split("/", 2)[2]
    return path

def expand_options(ctx, options, where, per_source = False):
    """Expands `$(TREE)` and `$(execpath LABEL)` in options.

    Args:
      ctx: the rule's context; it has the attributes `tree` and `hdrs`.
      options: list of string.
      where: string, the attribute's name, for error messages.
      per_source: bool, whether options may have `$(NAME)` and `$(IDENT)`, for options_for_source.

    Returns:
      list of string, one per option.
    """
    out = []
    for option in options:
        if "$(" in option:
            if _TREE in option:
                option = option.replace(_TREE, _tree_root(ctx, where, option))
            if "$(execpath " in option or "$(location " in option:
                option = ctx.expand_location(option, targets = ctx.attr.hdrs)
            _check_known(ctx, option, where, _PER_SOURCE if per_source else [])
        out.append(option)
    return out

def options_for_source(options, name):
    """Expands `$(NAME)` and `$(IDENT)` in the options for one source.

    Args:
      options: list of string, from expand_options.
      name: string, the source's base name without extension. `$(IDENT)` is the same with `-` and `,` replaced by `_`, as in kbuild's
        KBUILD_BASENAME.

    Returns:
      list of string; the same list if no option has a variable.
    """
    if not [o for o in options if "$(" in o]:
        return options
    ident = name.replace("-", "_").replace(",", "_")
    return [o.replace(_NAME, name).replace(_IDENT, ident) for o in options]
