# SPDX-License-Identifier: Apache-2.0

"""The files of hyp_library's `srcs`: which are compiled, and what the objects are called."""

load(":compile.bzl", "ACTIONS")
load(":options.bzl", "repository_path")

# Extensions, with their dots.
_HEADERS = [".h", ".inc"]

_SUFFIX_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

def check_suffix(ctx):
    """Fails for an `object_suffix` that is not one.

    Args:
      ctx: the rule's context.
    """
    suffix = ctx.attr.object_suffix
    if (not suffix.startswith(".") or not suffix.endswith(".o") or ".." in suffix or
        [c for c in suffix.elems() if c not in _SUFFIX_CHARACTERS]):
        fail("%s: object_suffix: got %r, want one such as .hyp.o: a dot, letters, digits, '.', '_' or '-', and .o at the end [E9204]" % (ctx.label, suffix))

def stem(source):
    """Returns the base name of a source without its extension."""
    return source.basename[:-len(source.extension) - 1]

def split_sources(ctx):
    """Splits `srcs`, whose targets may have files of several kinds.

    Args:
      ctx: the rule's context.

    Returns:
      struct with lists of File: `sources`; `headers`, for this target only, directories included; `directories`.
    """
    sources = []
    headers = []
    directories = [f for f in ctx.files.srcs if f.is_directory]
    for file in ctx.files.srcs:
        if file.is_directory or "." + file.extension in _HEADERS:
            headers.append(file)
        elif file.extension in ACTIONS:
            sources.append(file)
        else:
            fail("%s: srcs: got %s, want .c, .S, .s, .h or .inc files; move it to hdrs or additional_compiler_inputs [E9205]" % (ctx.label, file.short_path))
    if directories and not sources:
        fail("%s: srcs: %s [E9215]" % (ctx.label, _NO_SOURCES % (directories[0].short_path, "")))
    for file in directories + ctx.files.hdrs:
        # hypcc tells files from directories by their names.
        if file.is_directory and file.basename.endswith(".h"):
            fail("%s: the directory %s has the name of a header; call it %s [E9215]" % (ctx.label, file.short_path, file.basename[:-len(".h")]))
    return struct(sources = sources, headers = headers, directories = directories)

_NO_SOURCES = ("%s is a directory%s, whose files Bazel lists only while it builds, so that hyp_library cannot compile them one by one; let the rule that " +
               "makes it declare each source as an output, and put headers into a directory of their own")

def headers_only_args(ctx, directories):
    """Returns arguments, none, that fail an action if a directory of `srcs` has a source, which nothing would compile.

    Args:
      ctx: the rule's context.
      directories: list of File, inputs of the action.

    Returns:
      Args.
    """
    args = ctx.actions.args()
    label = ctx.label

    def refuse(file):
        if file.extension in ACTIONS:
            directory = [d.short_path for d in directories if file.path.startswith(d.path + "/") or ("/" + d.short_path + "/") in file.path]
            fail("%s: srcs: %s [E9215]" % (label, _NO_SOURCES % ((directory + ["it"])[0], " with the source " + file.basename)))
        return []

    args.add_all(directories, map_each = refuse, allow_closure = True)
    return args

def object_names(ctx, sources):
    """Returns the names of the objects below the target's output directory.

    Args:
      ctx: the rule's context.
      sources: list of File.

    Returns:
      list of string, in the order of the sources.
    """
    stems = {}
    for source in sources:
        stems.setdefault(stem(source), []).append(source)
    names = []
    owners = {}
    for source in sources:
        name = stem(source)
        if len(stems[name]) > 1:
            directory = repository_path(source).rpartition("/")[0]
            name = directory + "/" + name if directory else name
        if name in owners:
            fail("%s: srcs: %s and %s would both become %s%s; rename one, or move one to another hyp_library [E9206]" % (
                ctx.label,
                owners[name].path,
                source.path,
                name,
                ctx.attr.object_suffix,
            ))
        owners[name] = source
        names.append(name + ctx.attr.object_suffix)
    return names
