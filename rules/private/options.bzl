# SPDX-License-Identifier: Apache-2.0

"""Options in BUILD files: each is one argument, used as is except for variables and labels."""

load("//rules:providers.bzl", "HypTreeInfo")

TREE_DOC = """The source tree that options refer to: a hyp_tree, or a file or target in it, for example `@linux//:BUILD.bazel`. In options, `$(TREE)` is
the root directory of its repository, relative to the execution root: `-I$(TREE)/include`, `-fmacro-prefix-map=$(TREE)/=`. Headers go in `hdrs`; only a hyp_tree
has some more."""

TOOLCHAIN_FLAGS_DOC = """Whether the command line has the toolchain's default options (its feature `default_compile_flags`), those against unwind
tables, `--copt`, and `-iquote` for the repository's root directory. If False, nothing but the options of the target affects the code: the object does not depend on `-c opt`
or `--copt`. For complete sets of options, such as kbuild's."""

VARIABLES_DOC = """`$(TREE)` (see `tree`); Make variables: `$(COMPILATION_MODE)`, `$(TARGET_CPU)`, `$(BINDIR)`, those of `--define` and of the
targets in `toolchains`; paths: `$(execpath LABEL)` (or `$(location LABEL)`), `$(rootpath LABEL)`, `$(rlocationpath LABEL)` and their plurals, of a target in """

_TREE = "TREE"
_PER_SOURCE = ["NAME", "IDENT"]
_PATHS = ["location", "locations", "execpath", "execpaths", "rootpath", "rootpaths", "rlocationpath", "rlocationpaths"]

# The attributes whose targets options may name.
_LABELS = ["src", "srcs", "hdrs", "deps", "implementation_deps", "additional_compiler_inputs", "data"]

# What is around a variable that has another value for each source, until options_for_source. No option has this character.
_MARK = "\1"

def _tree_root(ctx, where, option):
    if not ctx.attr.tree:
        fail("%s: %s: got %s, but `tree` is not set; set it to a target of the source tree [E9201]" % (ctx.label, where, option))
    if HypTreeInfo in ctx.attr.tree:
        return ctx.attr.tree[HypTreeInfo].root
    return ctx.attr.tree.label.workspace_root or "."

def _targets(ctx):
    """Returns the targets that options may name, each once: Bazel rejects a label that is there twice."""
    targets = {}
    for name in _LABELS:
        value = getattr(ctx.attr, name, None) or []
        for target in value if type(value) == "list" else [value]:
            # An alias has the label of what it stands for, but is printed with its own.
            targets[repr(target)] = target
    return targets.values()

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

def _value(ctx, inner, option, where, per_source):
    """Returns what `$(inner)` stands for."""
    word, blank, _ = inner.partition(" ")
    if blank and word in _PATHS:
        return ctx.expand_location("$(%s)" % inner, targets = _targets(ctx))
    if inner == _TREE:
        return _tree_root(ctx, where, option)
    if per_source and inner in _PER_SOURCE:
        return _MARK + inner + _MARK
    if inner in ctx.var:
        return ctx.expand_make_variables(where, "$(%s)" % inner, {})
    known = [_TREE] + (_PER_SOURCE if per_source else [])
    fail(("%s: %s: got $(%s) in %s, which is not a variable; want %s, $(COMPILATION_MODE) or another Make variable (of --define, or of a target in " +
          "toolchains), or $(execpath LABEL) of a label in %s; $$ is a dollar sign [E9202]") % (
        ctx.label,
        where,
        inner,
        option,
        ", ".join(["$(%s)" % k for k in known]),
        ", ".join([a for a in _LABELS if hasattr(ctx.attr, a)]),
    ))

def _expand(ctx, option, where, per_source):
    text = ""
    rest = option
    for _ in range(len(option) + 1):
        before, dollar, rest = rest.partition("$")
        text += before
        if not dollar:
            break
        inner, close, after = rest[1:].partition(")")
        if rest.startswith("$"):
            text += "$"
            rest = rest[1:]
        elif rest.startswith("(") and close:
            text += _value(ctx, inner, option, where, per_source)
            rest = after
        else:
            fail("%s: %s: got %s, want $(NAME) for a variable, or $$ for a dollar sign [E9202]" % (ctx.label, where, option))
    return text

def expand_options(ctx, options, where, per_source = False):
    """Expands variables and the paths of labels in options.

    Args:
      ctx: the rule's context; it has the attribute `tree`. Options may name targets of other attributes.
      options: list of string.
      where: string, the attribute's name, for error messages.
      per_source: bool, whether options may have `$(NAME)` and `$(IDENT)`, for options_for_source.

    Returns:
      list of string, one per option.
    """
    return [_expand(ctx, option, where, per_source) if "$" in option else option for option in options]

def options_for_source(options, name):
    """Expands `$(NAME)` and `$(IDENT)` in the options for one source.

    Args:
      options: list of string, from expand_options.
      name: string, the source's base name without extension. `$(IDENT)` is the same with `-` and `,` replaced by `_`, as in kbuild's
        KBUILD_BASENAME.

    Returns:
      list of string; the same list if no option has a variable.
    """
    if not [o for o in options if _MARK in o]:
        return options
    ident = name.replace("-", "_").replace(",", "_")
    return [o.replace(_MARK + "NAME" + _MARK, name).replace(_MARK + "IDENT" + _MARK, ident) for o in options]
