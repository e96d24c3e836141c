"""Options as BUILD files write them: each is one argument, taken as it is but for two kinds of make variables."""

TREE_DOC = """A file or target of the source tree that options refer to, for example `@linux//:Makefile`. In the options of this target
`$(TREE)` stands for the root of that target's repository, relative to the execution root: `-I$(TREE)/include`,
`-fmacro-prefix-map=$(TREE)/=`. It adds no input; headers stand in `hdrs`."""

TOOLCHAIN_FLAGS_DOC = """Whether the toolchain's default options (its `default_compile_flags` feature), `--copt` and
`-iquote` of the repository's root are part of the command. With False the command holds the options written here and nothing
that changes the code: the object no longer depends on `-c opt` or `--copt`. For options that come from somewhere else whole,
such as kbuild."""

_TREE = "$(TREE)"

def tree_root(ctx):
    """Returns the root of the `tree` attribute's repository, relative to the execution root; None without the attribute."""
    if not ctx.attr.tree:
        return None
    return ctx.attr.tree.label.workspace_root or "."

def expand_options(ctx, options, where):
    """Replaces `$(TREE)` and `$(execpath LABEL)` in options.

    Args:
      ctx: the rule's context; it has the attributes `tree` and `hdrs`.
      options: list of string.
      where: string, the attribute's name, for messages.

    Returns:
      list of string, one for each option.
    """
    root = tree_root(ctx)
    out = []
    for option in options:
        if "$(" in option:
            if _TREE in option:
                if root == None:
                    fail("%s: %s: got %s, but there is no `tree`; set it to a target of the source tree" % (ctx.label, where, option))
                option = option.replace(_TREE, root)
            if "$(" in option:
                option = ctx.expand_location(option, targets = ctx.attr.hdrs)
            if "$(" in option:
                fail("%s: %s: got %s; only $(TREE), $(execpath …) and $(location …) are known" % (ctx.label, where, option))
        out.append(option)
    return out
