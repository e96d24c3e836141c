"""Options as BUILD files write them: each is one argument, taken as it is but for a few variables."""

TREE_DOC = """A file or target of the source tree that options refer to, for example `@linux//:BUILD.bazel`. In the options of this target
`$(TREE)` stands for the root of that target's repository, relative to the execution root: `-I$(TREE)/include`,
`-fmacro-prefix-map=$(TREE)/=`. It adds no input; headers stand in `hdrs`."""

TOOLCHAIN_FLAGS_DOC = """Whether the toolchain's default options (its `default_compile_flags` feature), `--copt` and
`-iquote` of the repository's root are part of the command. With False the command holds the options written here and nothing
that changes the code: the object no longer depends on `-c opt` or `--copt`. For options that come from somewhere else whole,
such as kbuild."""

_TREE = "$(TREE)"
_NAME = "$(NAME)"
_IDENT = "$(IDENT)"
_PER_SOURCE = [_NAME, _IDENT]

def _tree_root(ctx, where, option):
    if not ctx.attr.tree:
        fail("%s: %s: got %s, but there is no `tree`; set it to a target of the source tree" % (ctx.label, where, option))
    return ctx.attr.tree.label.workspace_root or "."

def _check_known(ctx, option, where, per_source):
    rest = option
    for variable in per_source:
        rest = rest.replace(variable, "")
    if "$(" in rest:
        fail("%s: %s: got %s; known are %s and $(execpath LABEL) of a label in hdrs" % (
            ctx.label,
            where,
            option,
            ", ".join([_TREE] + per_source),
        ))

def repository_path(file):
    """Says where a file is in its repository.

    Args:
      file: File, a source.

    Returns:
      string: its path from the root of its repository, whichever that is.
    """
    path = file.short_path
    if path.startswith("../"):
        return path.split("/", 2)[2]
    return path

def expand_options(ctx, options, where, per_source = False):
    """Replaces `$(TREE)` and `$(execpath LABEL)` in options.

    Args:
      ctx: the rule's context; it has the attributes `tree` and `hdrs`.
      options: list of string.
      where: string, the attribute's name, for messages.
      per_source: bool, whether `$(NAME)` and `$(IDENT)` may stand in them, for options_for_source.

    Returns:
      list of string, one for each option.
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
    """Replaces `$(NAME)` and `$(IDENT)` in the options for one source.

    Args:
      options: list of string, from expand_options.
      name: string, the source's base name without its extension. `$(IDENT)` is the same with `-` and `,` as `_`, which is how kbuild
        makes the value of KBUILD_BASENAME.

    Returns:
      list of string; the very same list where no option has a variable.
    """
    if not [o for o in options if "$(" in o]:
        return options
    ident = name.replace("-", "_").replace(",", "_")
    return [o.replace(_NAME, name).replace(_IDENT, ident) for o in options]
